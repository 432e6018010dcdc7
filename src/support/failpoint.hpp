#pragma once

namespace millrace {

enum class Failpoint {
#define MILLRACE_FAILPOINT(constant, name, where) constant,
#include "support/failpoints.def"
#undef MILLRACE_FAILPOINT
};

#ifdef MILLRACE_FAILPOINTS
/// Kills the process (SIGKILL) when the environment's MILLRACE_FAILPOINT names this point: "after_commit", or
/// "after_commit:3" for the third time; "after_commit:1:stop" stops it there (SIGSTOP) until SIGCONT. Only in builds
/// for tests (MILLRACE_FAILPOINTS). Thread-safe.
void hit(Failpoint point);
#else
inline void hit(Failpoint) {}
#endif

}  // namespace millrace
