#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "support/error.hpp"

namespace millrace {

/// Looks a host up and says which numeric addresses may be reached under it. Throws Error kAddressRefused when one of
/// them may not, kHostUnknown, kUsage for a text that is no host; field "host" or "port". An empty one judges nothing.
/// Thread-safe.
using HostGuard = std::function<std::vector<std::string>(const std::string& host, std::uint16_t port)>;

/// The addresses to dial for an endpoint, by its guard: none when it has no guard, and the host's name decides. Throws
/// Error as the guard does, with the field "<side>.host" or "<side>.port".
template <typename Endpoint>
std::vector<std::string> addresses_to_dial(const Endpoint& endpoint, const std::string& side) {
  if (!endpoint.guard) return {};
  try {
    return endpoint.guard(endpoint.host, endpoint.port);
  } catch (const Error& error) {
    Error named(error.code(), error.message(), {.field = side + "." + error.context().field});
    throw named.suggest(error.suggestion());
  }
}

}  // namespace millrace
