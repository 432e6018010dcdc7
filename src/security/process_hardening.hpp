#pragma once

namespace millrace::security {

/// No core dumps and no ptrace by others of the same user: memory holds passwords. Called at the start of every
/// command. False when the system refused.
bool forbid_core_dumps() noexcept;

}  // namespace millrace::security
