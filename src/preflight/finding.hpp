#pragma once

#include <string>
#include <vector>

namespace millrace::preflight {

enum class Severity { kOk, kInfo, kWarning, kError };

/// The answer of one check. Free of secrets.
struct Finding {
  std::string id;  ///< "source.wal_level", "table.replica_identity", ... one word for one thing, stable
  Severity severity = Severity::kOk;
  std::string object;  ///< what it is about: a table, a column, a plugin; empty: the server
  std::string found;   ///< what is the case
  std::string fix;     ///< the exact statement or step that resolves it; empty when nothing is to be done
};

using Findings = std::vector<Finding>;

bool has_errors(const Findings& findings);
const char* to_string(Severity severity);

}  // namespace millrace::preflight
