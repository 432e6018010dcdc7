#include "cli/output.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

namespace millrace::cli {
namespace {

using nlohmann::ordered_json;

std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

void emit_yaml(YAML::Emitter& out, const ordered_json& value) {
  if (value.is_object()) {
    out << YAML::BeginMap;
    for (const auto& [key, item] : value.items()) {
      out << YAML::Key << key << YAML::Value;
      emit_yaml(out, item);
    }
    out << YAML::EndMap;
  } else if (value.is_array()) {
    out << YAML::BeginSeq;
    for (const auto& item : value) emit_yaml(out, item);
    out << YAML::EndSeq;
  } else if (value.is_string()) {
    // Quoted always: a plain 'on' or '1.0' would come back as another type.
    out << YAML::DoubleQuoted << value.get<std::string>();
  } else if (value.is_null()) {
    out << YAML::Null;
  } else {
    out << value.dump();
  }
}

const char* glyph(preflight::Severity severity) {
  switch (severity) {
    case preflight::Severity::kOk:
      return "✓";
    case preflight::Severity::kInfo:
      return "·";
    case preflight::Severity::kWarning:
      return "⚠";
    case preflight::Severity::kError:
      return "✗";
  }
  return "✗";
}

void print_fix(std::ostream& out, const std::string& fix) {
  std::size_t start = 0;
  while (start < fix.size()) {
    const std::size_t end = std::min(fix.find('\n', start), fix.size());
    out << (start == 0 ? "    → " : "      ") << fix.substr(start, end - start) << '\n';
    start = end + 1;
  }
}

}  // namespace

void print_table(std::ostream& out, const std::vector<std::string>& headings,
                 const std::vector<std::vector<std::string>>& rows, const std::string& empty) {
  if (rows.empty()) {
    out << empty << '\n';
    return;
  }
  std::vector<std::size_t> widths;
  for (const auto& heading : headings) widths.push_back(width(heading));
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths.at(i) = std::max(widths.at(i), width(row[i]));
  }
  const auto print_row = [&](const std::vector<std::string>& row) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) line.append(widths[i] - width(row[i]) + 2, ' ');
    }
    out << line << '\n';
  };
  print_row(headings);
  for (const auto& row : rows) print_row(row);
}

void print_value(std::ostream& out, Format format, const ordered_json& value) {
  if (format == Format::kYaml) {
    YAML::Emitter emitter;
    emit_yaml(emitter, value);
    out << emitter.c_str() << '\n';
  } else {
    out << value.dump(2) << '\n';
  }
}

void print_findings(std::ostream& out, const preflight::Findings& findings, bool all) {
  preflight::Findings sorted = findings;
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.severity > b.severity; });
  std::size_t good = 0;
  for (const auto& finding : sorted) {
    if (finding.severity == preflight::Severity::kOk && !all) {
      ++good;
      continue;
    }
    out << "  " << glyph(finding.severity) << ' ' << finding.id << (finding.object.empty() ? "" : " ") << finding.object
        << ": " << finding.found << '\n';
    print_fix(out, finding.fix);
  }
  if (good > 0) out << "  ✓ " << good << " more checks passed\n";
}

ordered_json error_json(const Error& error) {
  ordered_json value{{"code", error.info().id}, {"message", error.message()}};
  const auto add = [&](const char* key, const std::string& text) {
    if (!text.empty()) value[key] = text;
  };
  add("field", error.context().field);
  add("pipeline", error.context().pipeline);
  add("table", error.context().table);
  add("column", error.context().column);
  add("cause", error.cause());
  if (!error.notes().empty()) value["notes"] = error.notes();
  add("suggestion", error.suggestion());
  return ordered_json{{"error", value}};
}

void print_error(std::ostream& out, Format format, const Error& error) {
  if (format != Format::kTable) {
    print_value(out, format, error_json(error));
    return;
  }
  const auto& where = error.context();
  out << "✗ " << error.info().id;
  for (const auto* part : {&where.field, &where.pipeline, &where.table, &where.column}) {
    if (!part->empty()) out << "  " << *part;
  }
  out << "\n  " << error.message() << '\n';
  if (!error.cause().empty()) out << "  cause: " << error.cause() << '\n';
  for (const auto& note : error.notes()) out << "  - " << note << '\n';
  print_fix(out, error.suggestion());
}

std::string human_bytes(std::int64_t bytes) {
  constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < std::size(kUnits)) {
    value /= 1024;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string utc_time(std::int64_t unix_ms) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(unix_ms / 1000)));
}

}  // namespace millrace::cli
