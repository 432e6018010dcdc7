#include "schema/table_selection.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "schema/names_equal.hpp"
#include "support/error.hpp"
#include "support/suggest.hpp"

namespace millrace::schema {
namespace {

struct Entry {
  std::optional<std::string> schema;
  std::string name;
  bool pattern = false;  ///< unquoted and with * or ?
};

/// Splits at the dot that stands outside double quotes.
Entry parse_entry(const std::string& text) {
  std::vector<std::string> parts(1);
  bool quoted = false;
  bool any_quotes = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      any_quotes = true;
      if (quoted && i + 1 < text.size() && text[i + 1] == '"') {
        parts.back() += text[++i];
      } else {
        quoted = !quoted;
      }
    } else if (c == '.' && !quoted) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  if (quoted || parts.size() > 2 || parts.back().empty() || parts.front().empty()) {
    throw Error(ErrorCode::kUsage, "The table list has an entry that is no table name: " + text + ".",
                {.field = "tables"})
        .suggest("Write name, schema.name or a pattern such as sales.*; quote a name that has a dot: \"my.table\".");
  }
  Entry entry;
  entry.name = parts.back();
  if (parts.size() == 2) entry.schema = parts.front();
  entry.pattern = !any_quotes && text.find_first_of("*?") != std::string::npos;
  return entry;
}

std::vector<TableName> matches(const Entry& entry, const std::string& default_schema,
                               const std::vector<TableName>& existing) {
  const auto schema = entry.schema.value_or(default_schema);
  std::vector<TableName> found;
  for (const auto& table : existing) {
    const bool fits = entry.pattern ? glob_match(schema, table.schema) && glob_match(entry.name, table.name)
                                    : table.schema == schema && table.name == entry.name;
    if (fits) found.push_back(table);
  }
  if (!found.empty() || entry.pattern) return found;
  for (const auto& table : existing) {
    if (fold_case(table.schema) == fold_case(schema) && fold_case(table.name) == fold_case(entry.name)) {
      found.push_back(table);
    }
  }
  if (found.size() > 1) found.clear();
  return found;
}

std::string similar_names(const Entry& entry, const std::string& default_schema,
                          const std::vector<TableName>& existing) {
  std::vector<std::string> known;
  for (const auto& table : existing) {
    if (table.schema == default_schema) known.push_back(table.name);
    known.push_back(table.to_string());
  }
  const auto wanted = entry.schema ? *entry.schema + "." + entry.name : entry.name;
  std::string list;
  for (const auto& name : nearest(wanted, known)) list += (list.empty() ? "" : ", ") + name;
  return list;
}

}  // namespace

std::vector<TableName> select_tables(const std::vector<std::string>& entries, const std::string& default_schema,
                                     const std::vector<TableName>& existing) {
  if (entries.empty()) throw Error(ErrorCode::kUsage, "The table list is empty.", {.field = "tables"});
  std::vector<TableName> chosen;
  std::set<TableName> seen;
  std::string missing;
  std::vector<std::string> hints;
  for (const auto& text : entries) {
    const Entry entry = parse_entry(text);
    const auto found = matches(entry, default_schema, existing);
    if (found.empty()) {
      missing += (missing.empty() ? "" : ", ") + text;
      const auto similar = similar_names(entry, default_schema, existing);
      if (!similar.empty()) hints.push_back(text + ": did you mean " + similar + "?");
    }
    for (const auto& table : found) {
      if (seen.insert(table).second) chosen.push_back(table);
    }
  }
  if (missing.empty()) return chosen;
  Error error(ErrorCode::kTableNotFound, "Not found: " + missing + ".", {.field = "tables"});
  for (const auto& hint : hints) error.note(hint);
  throw error;
}

bool is_pattern(const std::string& entry) {
  return parse_entry(entry).pattern;
}

bool selects(const std::string& entry, const std::string& default_schema, const TableName& table) {
  return !matches(parse_entry(entry), default_schema, {table}).empty();
}

}  // namespace millrace::schema
