#pragma once

#include "cli/completion.hpp"
#include "cli/context.hpp"

namespace millrace::cli {

/// Names from where the context works. A server has two seconds to answer; nothing is made on this machine, and no
/// fault is told. The context outlives them.
LiveNames live_names(const Context& context);

}  // namespace millrace::cli
