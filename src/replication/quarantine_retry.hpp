#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "replication/quarantine_entries.hpp"
#include "replication/verify.hpp"

namespace millrace::replication {

/// What became of one row of the quarantine.
struct RetriedRow {
  enum class Outcome {
    kWritten,     ///< the source's row of now is on the target, the entries are gone
    kGone,        ///< neither side has the row any more: the entries are gone
    kRefused,     ///< SQL Server, or the mapping, still does not take it
    kUnfindable,  ///< cannot be looked up on the source by what the quarantine knows
    kChanging     ///< the source changed it at every look
  };
  std::string source;    ///< "schema.table"
  std::string key_text;  ///< empty in tables without key
  Outcome outcome = Outcome::kWritten;
  std::string reason;  ///< why not
  bool settled() const { return outcome == Outcome::kWritten || outcome == Outcome::kGone; }
};

/// "written", "gone", "refused", "not found", "changing".
const char* to_string(RetriedRow::Outcome outcome);

/// Reads the quarantined rows again by key from the source and writes them. May be called while the pipeline runs.
///
/// Each piece is one transaction on the target that first takes the checkpoint's row without changing the fence, so
/// that the stream stands still at a checkpoint C behind the first look at the source. The source is looked at again,
/// and what is written are rows whose version is the same at both looks: such a row was the same at C too, so that the
/// stream's next change finds what it was made on. A refused piece is halved until the refused rows are alone.
/// The entries go in the same transaction, which also records an event.
/// Throws Error kTableNotFound, kPipelineState, kInterrupted on stop, and as sessions do.
std::vector<RetriedRow> retry_quarantined(const RunPlan& plan, const QuarantineFilter& filter, const VerifyHooks& hooks,
                                          const std::stop_token& stop);

}  // namespace millrace::replication
