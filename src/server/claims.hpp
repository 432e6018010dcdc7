#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace millrace::server {

/// A member of what an identity provider sent, which may be anything; empty where it is no text.
std::string claim_text(const nlohmann::json& object, const char* name);

}  // namespace millrace::server
