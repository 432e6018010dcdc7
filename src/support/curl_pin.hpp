#pragma once

#include <string>

#include "support/curl_handles.hpp"
#include "support/host_guard.hpp"

namespace millrace {

/// For CURLOPT_RESOLVE: the addresses that the guard says may be dialled for the host of `url`, so that libcurl looks
/// nothing up. Set CURLOPT_FOLLOWLOCATION to 0 with it, and CURLOPT_PROXY to "": a proxy would look the name up by
/// itself. An empty guard gives an empty list. Throws Error as the guard does, kUsage for a URL that cannot be read.
CurlList pinned_addresses(const std::string& url, const HostGuard& guard);

}  // namespace millrace
