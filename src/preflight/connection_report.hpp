#pragma once

#include <string>
#include <vector>

#include "support/endpoint.hpp"

/// Trying one side's credentials: what works, step by step, before there is a plan of a pipeline.
namespace millrace::preflight {

enum class CheckStatus {
  kPass,
  kWarn,
  kFail,
  kSkipped  ///< an earlier check failed: there was nothing to look at
};

/// One line of a report. Free of secrets.
struct Check {
  std::string id;     ///< "source.reachable", or as a finding's: stable
  std::string title;  ///< for people: "Network"
  CheckStatus status = CheckStatus::kSkipped;
  std::string object = {};   ///< a table, a schema, a user; empty: the server
  std::string message = {};  ///< what was found
  std::string fix = {};      ///< the statement or step that resolves it; empty: nothing is to be done
};

struct ConnectionReport {
  std::string product;        ///< "PostgreSQL", "SQL Server"; empty: not reached
  std::string version;        ///< "16.4"
  std::vector<Check> checks;  ///< the same first ones always, then what else was found
  std::string grant_script;   ///< gives a user the rights that a pipeline needs
  bool ok() const;            ///< no check failed
};

struct ReportOptions {
  /// Of the source, as in a spec: their rights and replica identities are looked at too.
  std::vector<std::string> tables = {};
  /// Whether messages may repeat what the other side said, word by word.
  bool foreign_words = false;
};

/// Connects, looks and judges; changes nothing and waits at most some 20 s. What fails is a check of the report, not an
/// exception. Throws Error kUsage for an endpoint that cannot be one, kDriverMissing, kInternal.
ConnectionReport report_source(const SourceEndpoint& endpoint, const ReportOptions& options);
ConnectionReport report_target(const TargetEndpoint& endpoint, const ReportOptions& options);

/// "pass", "warn", "fail", "skipped".
const char* to_string(CheckStatus status);
/// Whether the fix can be given to a SQL client as it is: whole statements, and nothing beside them.
bool is_sql(const std::string& fix);

}  // namespace millrace::preflight
