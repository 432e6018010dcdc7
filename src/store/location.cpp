#include "store/location.hpp"

#include "support/endpoint.hpp"

namespace millrace::store {

bool is_url(const std::string& location) {
  return location.starts_with("postgres://") || location.starts_with("postgresql://");
}

std::optional<StoreServer> server_of(const std::string& location) {
  if (!is_url(location)) return std::nullopt;
  const auto endpoint = parse_source_url(location);
  return StoreServer{endpoint.host, endpoint.port};
}

}  // namespace millrace::store
