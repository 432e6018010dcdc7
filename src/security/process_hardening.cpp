#include "security/process_hardening.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>

namespace millrace::security {

bool forbid_core_dumps() noexcept {
  const rlimit none{0, 0};
  const bool limited = ::setrlimit(RLIMIT_CORE, &none) == 0;
#ifdef __SANITIZE_ADDRESS__
  return limited;  // its search for leaks needs ptrace
#else
  // Also for a core_pattern that pipes to a program, which does not heed the limit.
  return ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && limited;
#endif
}

}  // namespace millrace::security
