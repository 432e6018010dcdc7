#include "measure.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

namespace millrace::bench {
namespace {

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

rusage usage() {
  rusage now{};
  getrusage(RUSAGE_SELF, &now);
  return now;
}

double cpu_seconds(const rusage& now) {
  return seconds(now.ru_utime) + seconds(now.ru_stime);
}

}  // namespace

Stopwatch::Stopwatch() : start_(std::chrono::steady_clock::now()), cpu_(cpu_seconds(usage())) {}

void Stopwatch::stop(Measured& into) const {
  lap(into);
  into.peak_rss_mb = peak_rss_mb();
}

void Stopwatch::lap(Measured& into) const {
  const auto now = usage();
  into.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  into.cpu_seconds = cpu_seconds(now) - cpu_;
}

// Not getrusage's number: that one begins with the memory of the process that started this one.
double peak_rss_mb() {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
  }
  return 0;
}

std::optional<double> process_cpu_seconds(int pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  // proc(5): behind the name in parentheses, state is field 3, utime 14, stime 15.
  std::istringstream fields(line.substr(line.rfind(')') + 1));
  std::string skipped;
  for (int i = 3; i < 14; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::string to_json(const Measured& measured) {
  return fmt::format(
      R"({{"rows":{},"bytes":{},"seconds":{:.6f},"cpu_seconds":{:.6f},"peak_rss_mb":{:.1f},"server_cpu_seconds":{:.3f}}})",
      measured.rows, measured.bytes, measured.seconds, measured.cpu_seconds, measured.peak_rss_mb,
      measured.server_cpu_seconds);
}

}  // namespace millrace::bench
