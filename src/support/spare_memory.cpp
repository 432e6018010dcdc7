#include "support/spare_memory.hpp"

#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <thread>

namespace millrace {
namespace {

/// A share of the process that is worth going through it again soon.
constexpr long kWorth = 50;
constexpr int kFewestArenas = 4;
constexpr int kMostArenas = 32;

/// Of the process, in memory: proc(5), /proc/self/statm. 0 when it cannot be told.
long pages() noexcept {
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen("/proc/self/statm", "re"), std::fclose);
  long size = 0;
  long resident = 0;
  return file && std::fscanf(file.get(), "%ld %ld", &size, &resident) == 2 ? resident : 0;
}

}  // namespace

void share_arenas() noexcept {
#if defined(__GLIBC__)
  if (std::getenv("MALLOC_ARENA_MAX") != nullptr) return;
  const auto cores = static_cast<int>(std::thread::hardware_concurrency());
  ::mallopt(M_ARENA_MAX, std::clamp(2 * cores, kFewestArenas, kMostArenas));
#endif
}

std::chrono::milliseconds SpareMemory::give_back() noexcept {
#if defined(__GLIBC__)
  const long before = pages();
  ::malloc_trim(0);
  const bool worth = before - pages() > before / kWorth;
  wait_ = worth ? kSoon : std::min(wait_ * 2, kSeldom);
  return wait_;
#else
  return kSeldom;
#endif
}

}  // namespace millrace
