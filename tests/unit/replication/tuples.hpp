#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pgoutput/messages.hpp"
#include "replication/net_changes.hpp"

// Tuples in a short notation: fields parted by commas, "~" for a value that was not sent, "-" for NULL.
namespace millrace::replication {

inline pgoutput::Field field(std::string_view text) {
  if (text == "~") return {pgoutput::FieldKind::kUnchanged, {}};
  if (text == "-") return {pgoutput::FieldKind::kNull, {}};
  return {pgoutput::FieldKind::kText, text};
}

/// Views into `text`, which must outlive the tuple.
inline pgoutput::Tuple tuple(std::string_view text) {
  pgoutput::Tuple fields;
  for (std::size_t from = 0; from <= text.size();) {
    const auto comma = std::min(text.find(',', from), text.size());
    fields.push_back(field(text.substr(from, comma - from)));
    from = comma + 1;
  }
  return fields;
}

inline std::string show(const pgoutput::Tuple& row) {
  std::string text;
  for (const auto& each : row) {
    if (!text.empty()) text += ',';
    if (each.kind == pgoutput::FieldKind::kNull) text += '-';
    if (each.kind == pgoutput::FieldKind::kUnchanged) text += '~';
    text += each.value;
  }
  return text;
}

/// "update 1: 1,b,~"
inline std::string show(const NetChange& change) {
  static const char* const kNames[] = {"", "delete", "replace", "move", "update", "insert"};
  std::string text = kNames[static_cast<int>(change.op)];
  if (!change.old_key.empty()) text += " " + show(change.old_key);
  if (!change.row.empty()) text += (change.old_key.empty() ? " " : ": ") + show(change.row);
  return text;
}

}  // namespace millrace::replication
