#include "server/verify_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "server/api_json.hpp"

namespace millrace::server {
namespace {

using nlohmann::ordered_json;
using replication::RetriedRow;
using replication::RowDifference;
using replication::TableVerdict;

ordered_json text(const std::optional<std::string>& value) {
  return value ? ordered_json(*value) : ordered_json(nullptr);
}

ordered_json rows_json(const std::vector<RowDifference>& rows) {
  ordered_json list = ordered_json::array();
  for (const auto& row : rows) {
    ordered_json key = ordered_json::array();
    for (const auto& part : row.key) key.push_back({{"column", part.column}, {"value", text(part.value)}});
    ordered_json columns = ordered_json::array();
    for (const auto& column : row.columns) {
      columns.push_back({{"column", column.column}, {"source", text(column.source)}, {"target", text(column.target)}});
    }
    list.push_back({{"fault", to_string(row.fault)},
                    {"copies", std::to_string(row.copies)},
                    {"key", std::move(key)},
                    {"columns", std::move(columns)},
                    {"note", row.note}});
  }
  return list;
}

}  // namespace

ordered_json verify_json(const std::string& pipeline, const std::vector<TableVerdict>& verdicts) {
  ordered_json tables = ordered_json::array();
  for (const auto& verdict : verdicts) {
    tables.push_back({{"table", verdict.source.to_string()},
                      {"target", verdict.target.to_string()},
                      {"result", result_word(verdict)},
                      {"sourceRows", std::to_string(verdict.source_rows)},
                      {"targetRows", std::to_string(verdict.target_rows)},
                      {"missing", std::to_string(verdict.missing)},
                      {"extra", std::to_string(verdict.extra)},
                      {"different", std::to_string(verdict.different)},
                      {"stillChanging", std::to_string(verdict.still_changing)},
                      {"repaired", std::to_string(verdict.repaired)},
                      {"seconds", verdict.seconds},
                      {"rows", rows_json(verdict.rows)},
                      {"repairedRows", rows_json(verdict.repaired_rows)}});
  }
  return {{"pipeline", pipeline}, {"equal", all_equal(verdicts)}, {"tables", std::move(tables)}};
}

bool all_equal(const std::vector<TableVerdict>& verdicts) {
  return std::all_of(verdicts.begin(), verdicts.end(), [](const auto& verdict) { return verdict.equal(); });
}

std::string summary_of(const std::vector<TableVerdict>& verdicts) {
  constexpr std::size_t kNamed = 5;
  std::string names;
  std::size_t unequal = 0;
  for (const auto& verdict : verdicts) {
    if (verdict.equal() || unequal++ >= kNamed) continue;
    names += names.empty() ? ": " : ", ";
    names += verdict.source.to_string();
    names += verdict.loaded ? fmt::format(" ({} missing, {} extra, {} different)", verdict.missing, verdict.extra,
                                          verdict.different)
                            : " (not loaded)";
  }
  if (unequal == 0) return fmt::format("{} table(s) are equal", verdicts.size());
  return fmt::format("{} of {} table(s) are not equal{}{}", unequal, verdicts.size(), names,
                     unequal > kNamed ? ", .." : "");
}

ordered_json quarantined_json(const replication::QuarantineEntry& entry, bool values) {
  auto row = values ? ordered_json::parse(entry.row_json, nullptr, false) : ordered_json();
  if (row.is_discarded()) row = nullptr;
  return {{"id", std::to_string(entry.id)},
          {"table", entry.source},
          {"target", entry.target},
          {"op", entry.op},
          {"key", values ? entry.key_text : ""},
          {"reason", entry.reason},
          {"lsn", entry.lsn.to_string()},
          {"committedAt", moment(entry.commit_ms)},
          {"since", rfc3339(entry.created_ms)},
          {"discardedAt", moment(entry.discarded_ms)},
          {"row", std::move(row)}};
}

ordered_json retried_json(const std::string& pipeline, const std::vector<RetriedRow>& rows) {
  ordered_json list = ordered_json::array();
  for (const auto& row : rows) {
    list.push_back(
        {{"table", row.source}, {"key", row.key_text}, {"result", to_string(row.outcome)}, {"reason", row.reason}});
  }
  const auto settled = std::count_if(rows.begin(), rows.end(), [](const auto& row) { return row.settled(); });
  return {{"pipeline", pipeline},
          {"settled", std::to_string(settled)},
          {"left", std::to_string(static_cast<std::ptrdiff_t>(rows.size()) - settled)},
          {"rows", std::move(list)}};
}

}  // namespace millrace::server
