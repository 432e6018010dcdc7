#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "cli/output.hpp"
#include "replication/verify.hpp"

namespace millrace::cli {

/// What `millrace verify` found.
void show_verdicts(std::ostream& out, Format format, const std::string& pipeline,
                   const std::vector<replication::TableVerdict>& verdicts);

}  // namespace millrace::cli
