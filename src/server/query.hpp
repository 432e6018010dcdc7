#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "server/http.hpp"
#include "store/page.hpp"

namespace millrace::server {

// Query parameters, read strictly: each throws Error kUsage that names the parameter.

/// A whole number of at least 0, or nothing when it is not there.
std::optional<std::int64_t> number_parameter(const Request& request, const std::string& name);
/// "true" or "false"; false when it is not there.
bool flag_parameter(const Request& request, const std::string& name);
/// One of `words`; the first when it is not there.
std::string word_parameter(const Request& request, const std::string& name, const std::vector<std::string>& words);
/// RFC 3339 in UTC or with an offset -> Unix milliseconds.
std::optional<std::int64_t> moment_parameter(const Request& request, const std::string& name);
/// pageSize (1 to 1000) and pageToken.
store::PageRequest page_parameters(const Request& request, int default_size = 50);

}  // namespace millrace::server
