#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "server/http.hpp"
#include "support/error.hpp"

namespace millrace::server {

/// Error kUsage of a member or a parameter: its name and what it must be.
Error unfit(const std::string& name, const std::string& what);

// Members of a request's body, read strictly: each throws Error kUsage that names the member.

/// The body as parse_body() reads it; an empty object when there is none.
nlohmann::json optional_body(const Request& request);
/// Nothing when it is not there or null. A text holds no NUL: the store of PostgreSQL keeps none.
std::optional<std::string> text_field(const nlohmann::json& body, const std::string& name);
/// Throws when it is not there, or empty.
std::string needed_text_field(const nlohmann::json& body, const std::string& name);
/// Nothing when it is not there or null.
std::optional<bool> flag_field(const nlohmann::json& body, const std::string& name);
/// A whole number of at least 0.
std::optional<std::int64_t> number_field(const nlohmann::json& body, const std::string& name);
/// Any number of at least 0.
std::optional<double> real_field(const nlohmann::json& body, const std::string& name);
/// Empty when it is not there.
std::vector<std::string> texts_field(const nlohmann::json& body, const std::string& name);

}  // namespace millrace::server
