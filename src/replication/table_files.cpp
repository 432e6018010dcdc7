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

}  // namespace millrace::replication
