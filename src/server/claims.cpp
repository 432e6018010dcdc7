#include "server/claims.hpp"

#include <nlohmann/json.hpp>

namespace millrace::server {

std::string claim_text(const nlohmann::json& object, const char* name) {
  const auto member = object.find(name);
  return member != object.end() && member->is_string() ? member->get<std::string>() : std::string();
}

}  // namespace millrace::server
