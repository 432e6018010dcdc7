#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace millrace::bench {

/// What one measurement says. Printed as one line of JSON, for the driver.
struct Measured {
  std::uint64_t rows = 0;   ///< rows loaded, or row changes streamed
  std::uint64_t bytes = 0;  ///< as the source sent them
  double seconds = 0;
  double cpu_seconds = 0;         ///< of this process: user and system, all threads
  double peak_rss_mb = 0;         ///< of this process, from its start
  double server_cpu_seconds = 0;  ///< of the source's process that sends, where it is known
};
std::string to_json(const Measured& measured);

/// Seconds on the clock and on the processors since it was made.
class Stopwatch {
 public:
  Stopwatch();
  /// Takes the time and the memory now.
  void stop(Measured& into) const;
  /// Takes the time only, which costs little: it may be called for every batch.
  void lap(Measured& into) const;

 private:
  std::chrono::steady_clock::time_point start_;
  double cpu_ = 0;
};

/// The most memory that this process has held (VmHWM).
double peak_rss_mb();

/// User and system time of another process of this machine; nothing when it is not here (a server elsewhere).
std::optional<double> process_cpu_seconds(int pid);

}  // namespace millrace::bench
