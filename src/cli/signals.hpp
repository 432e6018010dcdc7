#pragma once

#include <atomic>
#include <stop_token>
#include <thread>

namespace millrace::cli {

/// Turns SIGINT and SIGTERM into a stop request, so that a create that is broken off takes back what it made.
/// A second signal ends the process at once. Make it before any other thread, so that all inherit the mask.
class Signals {
 public:
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  std::stop_token token() const { return source_.get_token(); }
  /// The signal that came, 0 when none did.
  int received() const { return received_.load(); }
  /// Of a program that the signal has ended, as shells tell it.
  int exit_code() const { return kSignalBase + received(); }

 private:
  static constexpr int kSignalBase = 128;
  void watch();

  std::stop_source source_;
  std::atomic<int> received_{0};
  std::atomic<bool> ending_{false};
  std::jthread watcher_;
};

}  // namespace millrace::cli
