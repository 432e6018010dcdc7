#pragma once

#include <iosfwd>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "preflight/finding.hpp"
#include "support/error.hpp"

namespace millrace::cli {

enum class Format { kTable, kJson, kYaml };

/// Rows under headings, columns as wide as their widest cell (in code points). No rows prints `empty` alone.
void print_table(std::ostream& out, const std::vector<std::string>& headings,
                 const std::vector<std::vector<std::string>>& rows, const std::string& empty);

/// The value as JSON or YAML (block style). Not for kTable.
void print_value(std::ostream& out, Format format, const nlohmann::ordered_json& value);

/// Findings from worst to best; the good ones only as a count, unless `all`.
void print_findings(std::ostream& out, const preflight::Findings& findings, bool all);

/// The error for people: what, where, cause, notes, way out. As JSON when `format` says so.
void print_error(std::ostream& out, Format format, const Error& error);

/// {"error": {"code", "message", ..}}.
nlohmann::ordered_json error_json(const Error& error);

/// 1536 -> "1.5 KiB".
std::string human_bytes(std::int64_t bytes);
/// Unix milliseconds -> "2026-11-24T07:41:03Z".
std::string utc_time(std::int64_t unix_ms);

}  // namespace millrace::cli
