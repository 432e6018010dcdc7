#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <unordered_map>
#include <vector>

#include "replication/verify.hpp"
#include "replication/verify_position.hpp"
#include "replication/verify_source.hpp"
#include "replication/verify_target.hpp"

namespace millrace::replication {

/// All rows of one identity on one side (more than one only without key).
struct Print {
  std::int64_t rows = 0;
  std::uint64_t content = 0;  ///< sum of the content hashes
  std::uint64_t version = 0;  ///< sum of the versions; 0 on the target
  std::uint64_t unfit = 0;

  void add(const RowHash& hash) {
    ++rows;
    content += static_cast<std::uint64_t>(hash.content);
  }
  bool same_content(const Print& other) const { return rows == other.rows && content == other.content; }
  friend bool operator==(const Print&, const Print&) = default;
};

/// An identity whose rows differ, with what the last look saw.
struct Suspect {
  Print source;
  Print target;
};
using Suspects = std::unordered_map<std::int64_t, Suspect>;

/// What a look at a suspect, after an earlier one, says.
enum class Finding {
  kEqual,      ///< the target has what the source has
  kDifferent,  ///< the source held the same row at both looks, and the target something else, the same, at both
  kChanging    ///< one of them changed: it takes another look
};
/// The target was read after its checkpoint had passed the source's look before it. So when the source did not change
/// from one look to the next, what the target held at the first one had to be that row; that it was seen twice makes
/// sure of rows that came and went on the source between the looks, which leave no trace in them.
Finding judge(const Suspect& before, const Suspect& now);

/// Compares one table. Changes in flight are no differences: what looks different is looked at again, up to six times,
/// until it is equal or surely different.
class TableComparison {
 public:
  TableComparison(const RunPlan& plan, const TableBinding& table, StreamPosition& position, sqlserver::Session& target,
                  std::stop_token stop);

  /// Called with the rows of each group that surely differ.
  using Found = std::function<void(const Suspects& different)>;
  /// Fills in the verdict's counts. `estimated_rows` decides about the size of buckets only.
  void compare(std::int64_t estimated_rows, TableVerdict& verdict, const Found& found);

  const SourceRows& source() const { return source_; }

 private:
  BucketTotals source_totals(std::uint32_t buckets);
  Suspects look(const std::vector<std::uint32_t>& group, std::uint32_t buckets);
  Suspects look_again(const Suspects& before);
  template <typename Wanted>
  void read_source(Suspects& into, const Wanted& wanted);
  void settle(Suspects suspects, TableVerdict& verdict, const Found& found);

  const TableBinding& table_;
  StreamPosition& position_;
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
