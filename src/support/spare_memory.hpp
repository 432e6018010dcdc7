#pragma once

#include <chrono>

namespace millrace {

/// Lets the threads of this process share few of the allocator's arenas: it would make up to eight a core, of which
/// each keeps what its threads gave back, and a thousand threads that rest need none of it. To be called before the
/// first thread is made. glibc (mallopt(3), M_ARENA_MAX; the environment's MALLOC_ARENA_MAX wins); does nothing
/// elsewhere.
void share_arenas() noexcept;

/// Gives memory back to the system that the allocator keeps though nobody uses it: many threads that each began
/// something large, and then rest, leave their process as large as they all were together. Not thread-safe.
class SpareMemory {
 public:
  /// Gives back what there is; returns when to do it again: soon while it was worth it, else less and less often, as it
  /// takes some milliseconds for each hundred megabytes, in which threads wait for memory. glibc (malloc_trim(3)); does
  /// nothing elsewhere.
  std::chrono::milliseconds give_back() noexcept;

  static constexpr std::chrono::milliseconds kSoon = std::chrono::minutes(1);
  static constexpr std::chrono::milliseconds kSeldom = std::chrono::minutes(16);

 private:
  std::chrono::milliseconds wait_ = kSoon;
};

}  // namespace millrace
