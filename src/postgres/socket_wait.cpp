#include "postgres/socket_wait.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>

#include "support/error.hpp"

namespace millrace::postgres {

SocketWait::SocketWait() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (event_ < 0) {
    throw Error(ErrorCode::kInternal, "No event descriptor could be made.")
        .because(std::generic_category().message(errno));
  }
}

SocketWait::~SocketWait() {
  ::close(event_);
}

SocketWait::Event SocketWait::wait(int socket, bool write, std::chrono::milliseconds timeout) {
  constexpr std::chrono::milliseconds kLongest = std::chrono::hours(1);
  const auto socket_events = static_cast<short>(write ? POLLIN | POLLOUT : POLLIN);
  std::array<pollfd, 2> watched{pollfd{socket, socket_events, 0}, pollfd{event_, POLLIN, 0}};
  const auto time = std::clamp(timeout, std::chrono::milliseconds(0), kLongest);
  const int ready = ::poll(watched.data(), watched.size(), static_cast<int>(time.count()));
  // A signal ended the wait: the caller looks at its clock and waits again.
  if (ready < 0) return Event::kTimeout;
  if (watched[1].revents != 0) {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto taken = ::read(event_, &count, sizeof count);
    return Event::kWoken;
  }
  return ready == 0 ? Event::kTimeout : Event::kReady;
}

void SocketWait::wake() noexcept {
  const std::uint64_t one = 1;
  // Fails only when the counter is full: then the waiting thread is woken already.
  [[maybe_unused]] const auto written = ::write(event_, &one, sizeof one);
}

}  // namespace millrace::postgres
