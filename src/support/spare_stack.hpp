#pragma once

namespace millrace {

/// Gives the part of the calling thread's stack that is not in use back to the system, but for some pages that are
/// needed again at once: a thread keeps what it has touched, and one that went deep to begin something may then wait
/// for days. Costs a system call; what is given back comes again as it is touched. Linux (madvise(2)); does nothing on
/// the first thread of a process.
void give_back_spare_stack() noexcept;

}  // namespace millrace
