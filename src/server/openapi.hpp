#pragma once

#include <string>
#include <string_view>

namespace millrace::server {

/// api/openapi.yaml as it was when the program was built.
std::string_view openapi_yaml();
/// The same as JSON.
const std::string& openapi_json();

}  // namespace millrace::server
