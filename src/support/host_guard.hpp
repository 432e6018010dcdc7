#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace millrace {

/// Looks a host up and says which numeric addresses may be reached under it. Throws Error kAddressRefused when one of
/// them may not, kHostUnknown, kUsage for a text that is no host; field "host" or "port". An empty one judges nothing.
/// Thread-safe.
using HostGuard = std::function<std::vector<std::string>(const std::string& host, std::uint16_t port)>;

}  // namespace millrace
