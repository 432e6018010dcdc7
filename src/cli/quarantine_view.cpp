#include "cli/quarantine_view.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "support/json_nullable.hpp"

namespace millrace::cli {
namespace {

using nlohmann::ordered_json;
using replication::QuarantineEntry;
using replication::RetriedRow;

constexpr std::size_t kWidest = 60;

ordered_json time_or_null(const std::optional<std::int64_t>& ms) {
  return ms ? ordered_json(utc_time(*ms)) : ordered_json(nullptr);
}

ordered_json row_of(const QuarantineEntry& entry) {
  auto row = ordered_json::parse(entry.row_json, nullptr, false);
  return row.is_discarded() ? ordered_json(nullptr) : row;
}

ordered_json to_json(const QuarantineEntry& entry) {
  return {{"id", entry.id},
          {"table", entry.source},
          {"target", entry.target},
          {"op", entry.op},
          {"key", text_or_null(entry.key_text)},
          {"reason", entry.reason},
          {"lsn", entry.lsn.to_string()},
          {"committed", time_or_null(entry.commit_ms)},
          {"since", utc_time(entry.created_ms)},
          {"discarded", time_or_null(entry.discarded_ms)},
          {"row", row_of(entry)}};
}

/// One line, not wider than a terminal takes; a cut never lies within a UTF-8 character.
std::string shortened(const std::string& text) {
  auto line = text;
  std::replace(line.begin(), line.end(), '\n', ' ');
  if (line.size() <= kWidest) return line;
  auto end = kWidest;
  while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U) --end;
  return line.substr(0, end) + "…";
}

void show_json(std::ostream& out, Format format, const std::string& pipeline,
               const std::vector<QuarantineEntry>& entries) {
  ordered_json list = ordered_json::array();
  for (const auto& entry : entries) list.push_back(to_json(entry));
  print_value(out, format, {{"pipeline", pipeline}, {"rows", std::move(list)}});
}

}  // namespace

void show_quarantine(std::ostream& out, Format format, const std::string& pipeline,
                     const std::vector<QuarantineEntry>& entries) {
  if (format != Format::kTable) return show_json(out, format, pipeline, entries);
  std::vector<std::vector<std::string>> rows;
  for (const auto& entry : entries) {
    rows.push_back({std::to_string(entry.id), entry.source, entry.op, shortened(entry.key_text),
                    utc_time(entry.created_ms), entry.discarded_ms ? "discarded" : "", shortened(entry.reason)});
  }
  print_table(out, {"ID", "TABLE", "OP", "KEY", "SINCE", "", "REASON"}, rows, "No rows are in quarantine.");
}

void show_quarantined_rows(std::ostream& out, Format format, const std::string& pipeline,
                           const std::vector<QuarantineEntry>& entries) {
  if (format != Format::kTable) return show_json(out, format, pipeline, entries);
  if (entries.empty()) out << "No such rows are in quarantine.\n";
  for (const auto& entry : entries) {
    out << entry.id << "  " << entry.source << " → " << entry.target << "  " << entry.op;
    if (!entry.key_text.empty()) out << " of " << entry.key_text;
    out << "\n  reason   " << entry.reason << "\n  LSN      " << entry.lsn.to_string() << '\n';
    if (entry.commit_ms) out << "  changed  " << utc_time(*entry.commit_ms) << '\n';
    out << "  since    " << utc_time(entry.created_ms) << '\n';
    if (entry.discarded_ms) out << "  discarded " << utc_time(*entry.discarded_ms) << '\n';
    const auto row = row_of(entry);
    for (const auto& [column, value] : row.items()) {
      out << "  " << column << " = " << (value.is_string() ? "'" + value.get<std::string>() + "'" : "NULL") << '\n';
    }
  }
}

void show_retried(std::ostream& out, Format format, const std::string& pipeline, const std::vector<RetriedRow>& rows) {
  const auto settled = std::count_if(rows.begin(), rows.end(), [](const auto& row) { return row.settled(); });
  if (format != Format::kTable) {
    ordered_json list = ordered_json::array();
    for (const auto& row : rows) {
      list.push_back({{"table", row.source},
                      {"key", text_or_null(row.key_text)},
                      {"result", to_string(row.outcome)},
                      {"reason", text_or_null(row.reason)}});
    }
    print_value(out, format,
                {{"pipeline", pipeline},
                 {"settled", settled},
                 {"left", static_cast<std::int64_t>(rows.size()) - settled},
                 {"rows", std::move(list)}});
    return;
  }
  std::vector<std::vector<std::string>> lines;
  for (const auto& row : rows) {
    lines.push_back({row.source, shortened(row.key_text), to_string(row.outcome), shortened(row.reason)});
  }
  print_table(out, {"TABLE", "KEY", "RESULT", "REASON"}, lines, "No rows are in quarantine.");
}

}  // namespace millrace::cli
