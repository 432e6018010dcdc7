#include "cli/run_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/output.hpp"

namespace millrace::cli {
namespace {

using replication::RunEvent;
using replication::TableProgress;

constexpr std::size_t kBar = 10;

std::size_t code_points(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string padded(const std::string& text, std::size_t width) {
  const auto length = code_points(text);
  return length >= width ? text : text + std::string(width - length, ' ');
}

/// Of the estimate, which may be wrong: 100 only when the table is ready.
std::optional<int> percent(const TableProgress& table) {
  if (table.state == "ready") return 100;
  if (table.estimated_rows <= 0) return std::nullopt;
  return static_cast<int>(std::min<std::int64_t>(99, table.rows * 100 / table.estimated_rows));
}

std::string bar(int part) {
  const auto full = static_cast<std::size_t>(part) * kBar / 100;
  std::string text;
  for (std::size_t i = 0; i < kBar; ++i) text += i < full ? "█" : "░";
  return text;
}

int rank(const TableProgress& table) {
  if (table.state == "copying") return 0;
  if (table.state == "failed") return 1;
  if (table.state == "pending") return 2;
  return 3;
}

/// Parts joined while they fit; the first always stays.
std::string joined(const std::vector<std::string>& parts, std::size_t width) {
  std::string line;
  for (const auto& part : parts) {
    if (!line.empty() && code_points(line) + 2 + code_points(part) > width) break;
    line += (line.empty() ? "" : "  ") + part;
  }
  return cut(line, width);
}

std::string table_line(const TableProgress& table, std::size_t name_width, std::size_t width) {
  const auto name = padded(cut(table.table, name_width), name_width);
  if (table.state == "pending") return joined({name, "waits"}, width);
  const auto part = percent(table);
  std::vector<std::string> parts{name};
  parts.push_back(part ? fmt::format("{} {:>3}%", bar(*part), *part) : padded(table.state, kBar + 5));
  parts.push_back(fmt::format("{:>13} rows", grouped(table.rows)));
  if (table.state == "copying")
    parts.push_back(fmt::format("{:>9}/s", grouped(static_cast<std::int64_t>(table.rows_per_s))));
  parts.push_back(fmt::format("{:>9}", human_bytes(table.bytes)));
  if (table.seconds_left && table.state == "copying") parts.push_back(duration(*table.seconds_left) + " left");
  return joined(parts, width);
}

std::string seconds_text(const std::optional<double>& seconds) {
  return seconds ? fmt::format("{:.1f} s", *seconds) : "unknown";
}

}  // namespace

std::string grouped(std::int64_t number) {
  std::string digits = std::to_string(number < 0 ? -number : number);
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) digits.insert(static_cast<std::size_t>(at), ",");
  return number < 0 ? "-" + digits : digits;
}

std::string duration(std::int64_t seconds) {
  const auto hours = seconds / 3600;
  if (hours > 0) return fmt::format("{}:{:02}:{:02}", hours, seconds / 60 % 60, seconds % 60);
  return fmt::format("{}:{:02}", seconds / 60, seconds % 60);
}

std::string cut(const std::string& text, std::size_t width) {
  std::size_t seen = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U) continue;
    if (seen++ == width) return text.substr(0, i);
  }
  return text;
}

std::string load_line(const std::vector<TableProgress>& tables) {
  std::size_t ready = 0;
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
  double rate = 0;
  std::optional<std::int64_t> left;
  for (const auto& table : tables) {
    if (table.state == "ready") ++ready;
    rows += table.rows;
    bytes += table.bytes;
    rate += table.rows_per_s;
    if (table.state == "copying" && table.seconds_left) left = std::max(left.value_or(0), *table.seconds_left);
  }
  return fmt::format("loading: {} of {} tables, {} rows, {} rows/s, {}{}", ready, tables.size(), grouped(rows),
                     grouped(static_cast<std::int64_t>(rate)), human_bytes(bytes),
                     left ? ", " + duration(*left) + " left" : "");
}

std::string stream_line(const replication::StreamProgress& progress) {
  return fmt::format("streaming: lag {}, {}; {} changes/s; {} changes in {} transactions; at {}",
                     human_bytes(progress.lag_bytes), seconds_text(progress.lag_s),
                     grouped(static_cast<std::int64_t>(progress.changes_per_s)),
                     grouped(static_cast<std::int64_t>(progress.changes)),
                     grouped(static_cast<std::int64_t>(progress.transactions)), progress.applied.to_string());
}

std::string event_line(const RunEvent& event) {
  const char* glyph = event.severity == RunEvent::Severity::kInfo      ? "·"
                      : event.severity == RunEvent::Severity::kWarning ? "⚠"
                                                                       : "✗";
  if (event.kind == "stream.caught_up" || event.kind == "load.finished" || event.kind == "load.table_finished") {
    glyph = "✓";
  }
  return fmt::format("{} {}{}{}", glyph, event.table, event.table.empty() ? "" : ": ", event.message);
}

std::vector<std::string> load_frame(const std::vector<TableProgress>& tables, std::size_t width, std::size_t height) {
  std::vector<TableProgress> sorted = tables;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const TableProgress& a, const TableProgress& b) { return rank(a) < rank(b); });
  // A line for the sum, one for what does not fit.
  const std::size_t room = std::max<std::size_t>(height, 4) - 2;
  const std::size_t shown = sorted.size() <= room ? sorted.size() : room - 1;
  std::size_t name_width = 0;
  for (std::size_t i = 0; i < shown; ++i) name_width = std::max(name_width, code_points(sorted[i].table));
  name_width = std::min(name_width, std::max<std::size_t>(width / 3, 12));
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < shown; ++i) lines.push_back(table_line(sorted[i], name_width, width));
  if (shown < sorted.size()) lines.push_back(cut(fmt::format("… and {} more tables", sorted.size() - shown), width));
  lines.push_back(cut(load_line(tables), width));
  return lines;
}

std::vector<std::string> stream_frame(const replication::StreamProgress& progress, std::size_t width) {
  return {joined({fmt::format("streaming  lag {}, {}", human_bytes(progress.lag_bytes), seconds_text(progress.lag_s)),
                  fmt::format("{} changes/s", grouped(static_cast<std::int64_t>(progress.changes_per_s))),
                  fmt::format("{} changes", grouped(static_cast<std::int64_t>(progress.changes))),
                  fmt::format("{} transactions", grouped(static_cast<std::int64_t>(progress.transactions))),
                  "at " + progress.applied.to_string()},
                 width)};
}

}  // namespace millrace::cli
