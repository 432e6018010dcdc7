#include "cli/verify_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "support/json_nullable.hpp"

namespace millrace::cli {
namespace {

using nlohmann::ordered_json;
using replication::RowDifference;
using replication::TableVerdict;

ordered_json to_json(const RowDifference& row) {
  ordered_json told{{"fault", to_string(row.fault)}, {"copies", row.copies}, {"key", ordered_json::object()}};
  for (const auto& part : row.key) told["key"][part.column] = nullable(part.value);
  told["columns"] = ordered_json::array();
  for (const auto& column : row.columns) {
    told["columns"].push_back(
        {{"column", column.column}, {"source", nullable(column.source)}, {"target", nullable(column.target)}});
  }
  if (!row.note.empty()) told["note"] = row.note;
  return told;
}

ordered_json to_json(const std::vector<RowDifference>& rows) {
  ordered_json list = ordered_json::array();
  for (const auto& row : rows) list.push_back(to_json(row));
  return list;
}

ordered_json to_json(const TableVerdict& verdict) {
  return {{"table", verdict.source.to_string()},
          {"target", verdict.target.to_string()},
          {"result", result_word(verdict)},
          {"source_rows", verdict.source_rows},
          {"target_rows", verdict.target_rows},
          {"missing", verdict.missing},
          {"extra", verdict.extra},
          {"different", verdict.different},
          {"still_changing", verdict.still_changing},
          {"repaired", verdict.repaired},
          {"seconds", verdict.seconds},
          {"rows", to_json(verdict.rows)},
          {"repaired_rows", to_json(verdict.repaired_rows)}};
}

/// NULL and the text NULL are told apart by the quotes.
std::string shown(const std::optional<std::string>& text) {
  return text ? "'" + *text + "'" : "NULL";
}

void show_rows(std::ostream& out, const std::string& title, const std::vector<RowDifference>& rows) {
  if (rows.empty()) return;
  out << '\n' << title << '\n';
  for (const auto& row : rows) {
    out << "  " << to_string(row.fault);
    for (const auto& part : row.key) out << ' ' << part.column << '=' << shown(part.value);
    if (row.copies > 1) out << " (" << row.copies << " copies)";
    if (!row.note.empty()) out << ": " << row.note;
    out << '\n';
    for (const auto& column : row.columns) {
      out << "    " << column.column << ": " << shown(column.source) << " on the source, " << shown(column.target)
          << " on the target\n";
    }
  }
}

}  // namespace

void show_verdicts(std::ostream& out, Format format, const std::string& pipeline,
                   const std::vector<TableVerdict>& verdicts) {
  const bool equal = std::all_of(verdicts.begin(), verdicts.end(), [](const auto& verdict) { return verdict.equal(); });
  if (format != Format::kTable) {
    ordered_json tables = ordered_json::array();
    for (const auto& verdict : verdicts) tables.push_back(to_json(verdict));
    print_value(out, format, {{"pipeline", pipeline}, {"equal", equal}, {"tables", std::move(tables)}});
    return;
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& verdict : verdicts) {
    rows.push_back({verdict.source.to_string(), result_word(verdict), std::to_string(verdict.source_rows),
                    std::to_string(verdict.target_rows), std::to_string(verdict.missing), std::to_string(verdict.extra),
                    std::to_string(verdict.different), std::to_string(verdict.still_changing),
                    std::to_string(verdict.repaired), fmt::format("{:.1f} s", verdict.seconds)});
  }
  print_table(out,
              {"TABLE", "RESULT", "SOURCE", "TARGET", "MISSING", "EXTRA", "DIFFERENT", "CHANGING", "REPAIRED", "TIME"},
              rows, "No tables.");
  for (const auto& verdict : verdicts) {
    show_rows(out, verdict.source.to_string() + " was repaired:", verdict.repaired_rows);
    show_rows(out, verdict.source.to_string() + " differs:", verdict.rows);
  }
  out << (equal ? "\n✓ Equal.\n" : "\nNot equal.\n");
}

}  // namespace millrace::cli
