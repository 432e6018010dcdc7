#pragma once

#include <chrono>
#include <string>

namespace millrace::server {

/// Sends "READY=1" and its like to the service manager (sd_notify(3): a datagram to NOTIFY_SOCKET). Does nothing
/// when there is none.
void notify_systemd(const std::string& state) noexcept;

/// Half of the watchdog's time (WATCHDOG_USEC), at which it wants to hear of us; zero: it does not.
std::chrono::milliseconds watchdog_interval() noexcept;

}  // namespace millrace::server
