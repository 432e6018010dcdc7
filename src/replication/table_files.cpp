#include "replication/table_files.hpp"

#include <algorithm>

namespace millrace::replication {

RewriteFinding judge_rewrite(const TableFiles& before, const TableFiles& now, const std::vector<int>& carried) {
  const bool moved = std::any_of(now.numbers.begin(), now.numbers.end(), [&](const auto& file) {
    const auto known = before.numbers.find(file.first);
    return known != before.numbers.end() && known->second != file.second;
  });
  if (!moved) return {};
  RewriteFinding finding{.kind = RewriteKind::kSame, .columns = {}};
  for (const int attnum : carried) {
    const auto was = before.columns.find(attnum);
    const auto is = now.columns.find(attnum);
    if (was == before.columns.end() || is == now.columns.end() || was->second.xmin == is->second.xmin) continue;
    finding.columns.push_back(attnum);
    if (was->second.content != is->second.content) finding.kind = RewriteKind::kPossible;
  }
  if (!finding.columns.empty() && finding.kind == RewriteKind::kSame) finding.kind = RewriteKind::kComputed;
  return finding;
}

PartitionFinding judge_partitions(const TableFiles& before, const TableFiles& now) {
  PartitionFinding finding;
  if (before.partitions.empty()) return finding;
  bool one_kept = false;
  for (const auto& [leaf, mark] : before.partitions) {
    const auto is = now.partitions.find(leaf);
    if (is == now.partitions.end()) {
      finding.gone.push_back(mark.name);
      continue;
    }
    const auto file_before = before.numbers.find(leaf);
    const auto file_now = now.numbers.find(leaf);
    if (file_before == before.numbers.end() || file_now == now.numbers.end()) continue;
    if (file_before->second == file_now->second) {
      one_kept = true;
    } else {
      finding.replaced.push_back(is->second.name);
    }
  }
  // All of them: the table's own TRUNCATE, which the stream tells, or a rewrite of the table.
  if (!one_kept) finding.replaced.clear();
  for (const auto& [leaf, mark] : now.partitions) {
    const auto was = before.partitions.find(leaf);
    if (was == before.partitions.end() || was->second.links != mark.links) finding.come.push_back(leaf);
  }
  return finding;
}

}  // namespace millrace::replication
