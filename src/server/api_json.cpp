#include "server/api_json.hpp"

#include <fmt/chrono.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <set>

#include "support/error.hpp"

namespace millrace::server {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr int kMaxDepth = 32;

/// Objects whose members' names are not ours.
bool keeps_names(const std::string& member) {
  static const std::set<std::string> kNames{
      "tables",          "connectors",       "connector_reasons", "column_types",   "columnTypes",
      "column_names",    "columnNames",      "column_policies",   "columnPolicies", "kafka_properties",
      "kafkaProperties", "source_overrides", "sourceOverrides",   "sink_overrides", "sinkOverrides"};
  return kNames.contains(member);
}

bool counts(const std::string& member) {
  static const std::set<std::string> kNames{"loaded_rows",       "estimated_rows", "rows",           "messages",
                                            "lag_messages",      "lag_bytes",      "retained_bytes", "apply_lag_bytes",
                                            "sink_lag_messages", "bytes"};
  return kNames.contains(member);
}

std::string snake(const std::string& name) {
  std::string text;
  for (const char c : name) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper) text += '_';
    text += upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return text;
}

ordered_json answer(const ordered_json& value, bool names_are_ours) {
  if (value.is_array()) {
    ordered_json list = ordered_json::array();
    for (const auto& item : value) list.push_back(answer(item, true));
    return list;
  }
  if (!value.is_object()) return value;
  ordered_json object = ordered_json::object();
  for (const auto& [name, member] : value.items()) {
    if (!names_are_ours) {
      // One level below is a table's or a connector's: connector settings are texts and stay as they are.
      object[name] = member.is_object() && !member.empty() && member.begin()->is_string() &&
                             member.begin().key().find('.') != std::string::npos
                         ? member
                         : answer(member, true);
    } else if (member.is_number_integer() && name.ends_with("_ms") && name != "heartbeat_interval_ms") {
      object[camel(name.substr(0, name.size() - 3)) + "At"] = rfc3339(member.get<std::int64_t>());
    } else if (member.is_null() && name.ends_with("_ms")) {
      object[camel(name.substr(0, name.size() - 3)) + "At"] = nullptr;
    } else if (member.is_number_integer() && counts(name)) {
      object[camel(name)] = std::to_string(member.get<std::int64_t>());
    } else {
      object[camel(name)] = answer(member, !keeps_names(name));
    }
  }
  return object;
}

json request(const json& value, bool names_are_ours, const std::string& path) {
  if (value.is_array()) {
    json list = json::array();
    for (const auto& item : value) list.push_back(request(item, true, path));
    return list;
  }
  if (!value.is_object()) return value;
  json object = json::object();
  for (const auto& [name, member] : value.items()) {
    const auto place = path.empty() ? name : path + "." + name;
    // Who means nothing leaves it out. In a merge patch null takes a table's options away, or one of them.
    if (names_are_ours && member.is_null() && !place.starts_with("mapping.tables.")) {
      throw Error(ErrorCode::kUsage, place + " must not be null.", {.field = place}).suggest("Leave it out.");
    }
    if (names_are_ours &&
        !std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) != 0; })) {
      throw Error(ErrorCode::kUsage, "There is no member " + place + ".", {.field = place});
    }
    object[names_are_ours ? snake(name) : name] = request(member, !names_are_ours || !keeps_names(name), place);
  }
  return object;
}

}  // namespace

std::string camel(const std::string& name) {
  std::string text;
  bool raise = false;
  for (const char c : name) {
    if (c == '_') {
      raise = true;
      continue;
    }
    text += raise ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    raise = false;
  }
  return text;
}

ordered_json to_api(const ordered_json& document) {
  return answer(document, true);
}

json from_api(const json& document) {
  return request(document, true, "");
}

json parse_body(const Request& request) {
  const auto type = request.header("content-type");
  if (!type.starts_with("application/json") &&
      !(request.method == "PATCH" && type.starts_with("application/merge-patch+json"))) {
    throw Error(ErrorCode::kUsage, "The body must be application/json.", {.field = "content-type"});
  }
  bool too_deep = false;
  const json::parser_callback_t limit = [&](int depth, json::parse_event_t, json&) {
    too_deep = too_deep || depth > kMaxDepth;
    return !too_deep;
  };
  const auto document = json::parse(request.body, limit, false);
  if (too_deep) throw Error(ErrorCode::kUsage, "The body is nested deeper than 32 levels.");
  if (!document.is_object()) throw Error(ErrorCode::kUsage, "The body is not a JSON object.");
  return document;
}

void refuse_unknown(const json& object, const std::vector<std::string>& known) {
  for (const auto& [name, member] : object.items()) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      throw Error(ErrorCode::kUsage, "There is no member " + name + ".", {.field = name});
    }
  }
}

Response json_response(const ordered_json& value, int status) {
  return {.status = status, .body = value.dump(-1, ' ', false, ordered_json::error_handler_t::replace)};
}

std::string rfc3339(std::int64_t unix_ms) {
  constexpr std::int64_t kPerSecond = 1000;
  const std::time_t seconds = unix_ms / kPerSecond;
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds), unix_ms % kPerSecond);
}

ordered_json moment(const std::optional<std::int64_t>& unix_ms) {
  return unix_ms ? ordered_json(rfc3339(*unix_ms)) : ordered_json(nullptr);
}

}  // namespace millrace::server
