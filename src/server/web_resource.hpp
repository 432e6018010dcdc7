#pragma once

#include <optional>

#include "server/http.hpp"

namespace millrace::server {

/// A file of the web page, or the page itself for an address inside it (the page reads what it is to show from there).
/// Nothing for other methods than GET and HEAD, for paths of the API, and for files that are not there. Files whose
/// names hold a hash of their content may be kept by browsers for ever.
std::optional<Response> web_response(const Request& request);

}  // namespace millrace::server
