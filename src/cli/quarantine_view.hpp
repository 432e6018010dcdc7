#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "cli/output.hpp"
#include "replication/quarantine_retry.hpp"

namespace millrace::cli {

/// One line an entry.
void show_quarantine(std::ostream& out, Format format, const std::string& pipeline,
                     const std::vector<replication::QuarantineEntry>& entries);
/// All that is known of each entry.
void show_quarantined_rows(std::ostream& out, Format format, const std::string& pipeline,
                           const std::vector<replication::QuarantineEntry>& entries);
void show_retried(std::ostream& out, Format format, const std::string& pipeline,
                  const std::vector<replication::RetriedRow>& rows);

}  // namespace millrace::cli
