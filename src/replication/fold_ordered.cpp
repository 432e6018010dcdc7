#include "replication/fold_ordered.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "replication/fold_change.hpp"

namespace millrace::replication {
namespace {

/// Behind the last of the segments that were made so far, which must not have changes that come later in its order.
Segment& next(std::vector<Segment>& segments, bool& open) {
  if (!std::exchange(open, true)) segments.emplace_back();
  return segments.back();
}

}  // namespace

std::vector<Segment> fold_runs(const Segment& segment, const Batch& batch, RowStore& rows) {
  std::vector<Segment> folded;
  bool found = false;
  bool open = true;
  folded.push_back({.net = segment.net, .ordered = {}, .steps = {}});
  for (std::size_t i = 0; i < segment.ordered.size();) {
    const auto& table = segment.ordered[i].table;
    auto end = i + 1;
    while (end < segment.ordered.size() && segment.ordered[end].table == table) ++end;
    if (table->keyless() || end - i < 2) {
      auto& ordered = next(folded, open).ordered;
      for (; i < end; ++i) ordered.push_back(segment.ordered[i]);
      continue;
    }
    found = true;
    folded.emplace_back();
    open = false;
    auto& net = folded.back().net;
    net.push_back(folded_table(table, rows));
    for (; i < end; ++i) fold_change(net.back(), batch, segment.ordered[i]);
  }
  folded.back().steps = segment.steps;
  if (!found) folded.clear();
  return folded;
}

std::unique_ptr<Batch> fold_ordered(const Batch& batch) {
  auto folded = std::make_unique<Batch>();
  folded->rows = batch.rows;
  folded->origins = batch.origins;
  folded->commits = batch.commits;
  folded->end_lsn = batch.end_lsn;
  folded->commit_time = batch.commit_time;
  folded->transactions = batch.transactions;
  folded->changes = batch.changes;
  bool found = false;
  for (const auto& segment : batch.segments) {
    auto runs = fold_runs(segment, batch, folded->rows);
    found = found || !runs.empty();
    if (runs.empty()) runs.push_back(segment);
    std::move(runs.begin(), runs.end(), std::back_inserter(folded->segments));
  }
  if (!found) return nullptr;
  return folded;
}

}  // namespace millrace::replication
