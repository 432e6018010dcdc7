#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "server/http.hpp"

namespace millrace::server {

/// Members of a body; they throw Error kUsage naming the member.
std::string text_member(const nlohmann::json& body, const std::string& name);
std::optional<std::string> optional_text_member(const nlohmann::json& body, const std::string& name);
std::optional<bool> optional_flag_member(const nlohmann::json& body, const std::string& name);
std::vector<std::string> texts_member(const nlohmann::json& body, const std::string& name);

/// The strong entity tag of a revision, and the revision that If-Match asks for: none without the header or with "*";
/// one that no object has for a tag that is not ours.
std::string etag(std::int64_t revision);
std::optional<std::int64_t> if_match(const Request& request);

}  // namespace millrace::server
