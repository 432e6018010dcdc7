#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace millrace::store {

/// Whether a store's location (Database::open) is a URL of a PostgreSQL server; otherwise it is a path.
bool is_url(const std::string& location);

struct StoreServer {
  std::string host;
  std::uint16_t port = 0;
};
/// Where Database::open would connect to; none for a path. Throws Error kUsage for a URL that cannot be read.
std::optional<StoreServer> server_of(const std::string& location);

}  // namespace millrace::store
