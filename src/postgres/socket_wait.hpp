#pragma once

#include <atomic>
#include <chrono>

namespace millrace::postgres {

/// Waiting on a connection's socket that another thread can end. wait() belongs to one thread; wake() is free for all.
class SocketWait {
 public:
  enum class Event { kReady, kWoken, kTimeout };

  /// Throws Error kInternal when the process is out of file descriptors.
  SocketWait();
  ~SocketWait();
  SocketWait(const SocketWait&) = delete;
  SocketWait& operator=(const SocketWait&) = delete;

  /// Waits until `socket` can be read (with `write` also until it can be written). A wake() that came before counts.
  Event wait(int socket, bool write, std::chrono::milliseconds timeout);
  void wake() noexcept;

 private:
  int event_ = -1;
};

}  // namespace millrace::postgres
