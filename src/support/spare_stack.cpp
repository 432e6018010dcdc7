#include "support/spare_stack.hpp"

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

namespace millrace {
namespace {

constexpr std::uintptr_t kKept = 16U << 10U;

}  // namespace

void give_back_spare_stack() noexcept {
  if (::gettid() == ::getpid()) return;
  pthread_attr_t attributes;
  if (::pthread_getattr_np(::pthread_self(), &attributes) != 0) return;
  void* low = nullptr;
  std::size_t size = 0;
  const bool known = ::pthread_attr_getstack(&attributes, &low, &size) == 0;
  ::pthread_attr_destroy(&attributes);
  if (!known) return;
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto begin = (reinterpret_cast<std::uintptr_t>(low) + page - 1) / page * page;
  const auto used = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  // It grows downwards.
  if (used < begin + kKept) return;
  const auto end = (used - kKept) / page * page;
  ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);  // NOLINT(performance-no-int-to-ptr)
}

}  // namespace millrace
