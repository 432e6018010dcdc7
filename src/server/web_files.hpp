#pragma once

#include <map>
#include <string_view>

namespace millrace::server {

/// The files of the web page (web/dist at the time of the build) by their paths: "/index.html". A packed form, where
/// there is one, has ".gz" behind its name. Empty when the program was built without them.
const std::map<std::string_view, std::string_view>& web_files();

}  // namespace millrace::server
