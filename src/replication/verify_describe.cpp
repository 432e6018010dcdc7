#include <algorithm>
#include <mutex>
#include <utility>

#include "replication/stage_rows.hpp"
#include "replication/verify_table.hpp"
#include "schema/cell_text.hpp"

namespace millrace::replication {
namespace {

constexpr std::size_t kShown = 80;

/// Cut between two code points.
std::string shortened(std::string text) {
  if (text.size() <= kShown) return text;
  std::size_t end = kShown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  const auto whole = text.size();
  text.resize(end);
  return text + "… (" + std::to_string(whole) + " bytes)";
}

std::optional<std::string> shown(const TableBinding& table, std::size_t column,
                                 const std::optional<std::string>& bytes) {
  if (!bytes) return std::nullopt;
  const auto& binding = table.columns()[column];
  return shortened(schema::to_display(binding.kind, canonical_cell(binding.kind, *bytes), binding.mapping.target.type));
}

const std::string& name_of(const TableBinding& table, std::size_t column) {
  return table.columns()[column].mapping.source.name;
}

const WholeRow* find(const std::vector<WholeRow>& rows, std::int64_t identity) {
  const auto found =
      std::find_if(rows.begin(), rows.end(), [&](const WholeRow& row) { return row.hash.identity == identity; });
  return found == rows.end() ? nullptr : &*found;
}

RowDifference describe_row(const TableBinding& table, const Suspect& suspect, const WholeRow* source,
                           const WholeRow* target) {
  RowDifference row;
  const auto surplus = suspect.source.rows - suspect.target.rows;
  row.fault = surplus > 0 ? RowFault::kMissing : surplus < 0 ? RowFault::kExtra : RowFault::kDifferent;
  row.copies = surplus == 0 ? 1 : std::abs(surplus);
  if (suspect.source.unfit > 0) row.note = "a value of the source has no place on the target";
  const WholeRow* any = source != nullptr ? source : target;
  if (any == nullptr) return row;
  for (std::size_t i = 0; i < table.columns().size(); ++i) {
    if (table.keyless()) row.key.push_back({name_of(table, i), shown(table, i, any->values[i])});
    if (source == nullptr || target == nullptr || source->values[i] == target->values[i]) continue;
    row.columns.push_back({name_of(table, i), shown(table, i, source->values[i]), shown(table, i, target->values[i])});
  }
  for (const auto column : table.key()) {
    row.key.push_back({name_of(table, column), shown(table, column, any->values[column])});
  }
  return row;
}

}  // namespace

std::vector<WholeRow> source_rows(const SourceRows& source, const TableBinding& table, const Suspects& wanted,
                                  std::unordered_map<std::int64_t, Print>& prints, const std::stop_token& stop) {
  std::vector<WholeRow> rows;
  std::mutex mutex;
  source.find(
      wanted, {},
      [&](std::size_t, const ScannedRow& row) {
        WholeRow whole{.hash = row.hash, .values = {}};
        for (std::size_t i = 0; i < row.cells.size(); ++i) whole.values.push_back(canonical(table, i, row.cells[i]));
        const std::lock_guard lock(mutex);
        rows.push_back(std::move(whole));
        auto& print = prints[row.hash.identity];
        print.add(row.hash);
        print.version += row.version;
        if (row.unfit) ++print.unfit;
      },
      stop);
  return rows;
}

std::vector<RowDifference> describe(const TableBinding& table, const Suspects& different, const SourceRows& source,
                                    TargetRows& target, std::size_t most, const std::stop_token& stop) {
  Suspects some;
  for (const auto& row : different) {
    if (some.size() == most) break;
    some.insert(row);
  }
  std::vector<RowDifference> list;
  if (some.empty()) return list;
  std::unordered_map<std::int64_t, Print> prints;
  const auto left = source_rows(source, table, some, prints, stop);
  const auto right = target.whole_rows(some);
  for (const auto& [identity, suspect] : some) {
    list.push_back(describe_row(table, suspect, find(left, identity), find(right, identity)));
  }
  return list;
}

}  // namespace millrace::replication
