#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <stop_token>
#include <unordered_map>
#include <vector>

#include "replication/verify.hpp"
#include "replication/verify_position.hpp"
#include "replication/verify_source.hpp"
#include "replication/verify_suspects.hpp"
#include "replication/verify_target.hpp"

namespace millrace::replication {

/// Compares one table. Changes in flight are no differences: what looks different is looked at again, up to six times,
/// until it is equal or surely different. Both sides are scanned once, and once more for each group of buckets that
/// differ; further looks are by key, or scans where keys cannot be sought.
class TableComparison {
 public:
  TableComparison(const RunPlan& plan, const TableBinding& table, StreamPosition& position, sqlserver::Session& target,
                  std::stop_token stop);

  /// Called with the rows of each group that surely differ.
  using Found = std::function<void(const Suspects& different)>;
  /// Fills in the verdict's counts. `estimated_rows` decides about the size of buckets only.
  void compare(std::int64_t estimated_rows, TableVerdict& verdict, const Found& found);

  const SourceRows& source() const { return source_; }
  bool by_key() const { return by_key_; }

 private:
  BucketTotals source_totals(std::uint32_t buckets);
  Suspects look(const std::vector<std::uint32_t>& group, std::uint32_t buckets);
  Suspects look_again(const Suspects& before);
  ScanSink add_to(Suspects& rows);
  void settle(Suspects suspects, TableVerdict& verdict, const Found& found);

  const TableBinding& table_;
  StreamPosition& position_;
  bool by_key_;
  std::mutex mutex_;  ///< of what the source's workers add to
  SourceRows source_;
  TargetRows target_;
  std::stop_token stop_;
};

/// The rows of these identities on the source, and how they are told: key, fault, columns. `most` rows at most.
std::vector<RowDifference> describe(const TableBinding& table, const Suspects& different, const SourceRows& source,
                                    TargetRows& target, std::size_t most, const std::stop_token& stop);

/// The rows of the source with one of these identities, and their prints (with versions).
std::vector<WholeRow> source_rows(const SourceRows& source, const TableBinding& table, const Suspects& wanted,
                                  std::unordered_map<std::int64_t, Print>& prints, const std::stop_token& stop);

}  // namespace millrace::replication
