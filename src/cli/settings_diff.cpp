#include "cli/settings_diff.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "cli/answer_members.hpp"
#include "pipeline/spec_json.hpp"
#include "schema/table_selection.hpp"
#include "support/error.hpp"

namespace millrace::cli {
namespace {

using nlohmann::json;

constexpr const char* kFixed = "it is settled when a pipeline is made: delete it and create it again";

bool is_secret(const std::string& name) {
  return name == "password" || name == "token";
}

/// What the URL of a side says.
std::set<std::string> members_of_url(const std::string& url) {
  std::set<std::string> members{"host", "port", "database", "user"};
  const auto query = url.find('?');
  if (query == std::string::npos) return members;
  const auto text = "&" + url.substr(query + 1);
  using Pair = std::pair<const char*, const char*>;
  for (const auto& [parameter, member] :
       {Pair{"schema", "schema"}, Pair{"sslmode", "sslmode"}, Pair{"sslrootcert", "sslrootcert"},
        Pair{"encrypt", "encrypt"}, Pair{"trustServerCertificate", "trust_server_certificate"}}) {
    if (text.find(std::string("&") + parameter + "=") != std::string::npos) members.insert(member);
  }
  return members;
}

json member(const json& object, const std::string& name) {
  return object.is_object() && object.contains(name) ? object.at(name) : json(nullptr);
}

class Comparison {
 public:
  Comparison(const pipeline::PipelineSpec& live, const pipeline::PipelineSpec& wanted, const json& document)
      : live_(live), wanted_(wanted), document_(document) {}

  SettingsDiff run() {
    compare_tables();
    const auto before = pipeline::to_json(live_, false);
    const auto after = pipeline::to_json(wanted_, false);
    // The engine may follow from what else the document has.
    compare({"engine"}, before, after);
    for (const auto& [name, said] : document_.items()) {
      if (name == "name" || name == "engine" || name == "tables" || said.is_null()) continue;
      if (name == "source" || name == "target") {
        compare_side(name, said, before.at(name), after.at(name));
      } else if (name == "mapping") {
        compare_mapping(said, member(before, name), member(after, name));
      } else if (said.is_object()) {
        for (const auto& [part, value] : said.items()) {
          if (!is_secret(part)) compare({name, part}, member(before, name), member(after, name));
        }
      } else {
        compare({name}, before, after);
      }
    }
    return std::move(diff_);
  }

 private:
  using Path = std::vector<std::string>;

  static std::string field(const Path& path) {
    std::string text;
    for (const auto& part : path) text += (text.empty() ? "" : ".") + part;
    return text;
  }

  /// The last part of the path, on both sides.
  void compare(const Path& path, const json& before, const json& after) {
    const auto old_value = member(before, path.back());
    const auto new_value = member(after, path.back());
    if (old_value == new_value) return;
    SettingChange change{.field = field(path), .before = old_value, .after = new_value};
    judge(change, path);
    if (change.effect != ChangeEffect::kCannotChange) {
      json* place = &diff_.patch;
      for (const auto& part : path) place = &(*place)[part];
      *place = new_value;
    }
    diff_.changes.push_back(std::move(change));
  }

  void judge(SettingChange& change, const Path& path) const {
    static const std::set<std::string> kWays{
        "host", "port", "user", "sslmode", "sslrootcert", "encrypt", "trust_server_certificate"};
    const bool side = path.front() == "source" || path.front() == "target";
    if (path.front() == "embedded" || (path.front() == "mapping" && path.back() == "value_policy")) return;
    if (side && kWays.contains(path.back())) {
      change.effect = ChangeEffect::kRestart;
      return;
    }
    static const std::set<std::string> kAtReload{"exclude_columns", "column_names", "column_types", "column_policies"};
    if (path.front() == "mapping" && kAtReload.contains(path.back())) {
      change.effect = ChangeEffect::kNextReload;
      return;
    }
    change.effect = ChangeEffect::kCannotChange;
    change.reason = kFixed;
    if (path.front() == "mapping")
      change.reason = "where a table's rows are is settled when it is added: remove the table, then add it anew";
  }

  void compare_side(const std::string& side, const json& said, const json& before, const json& after) {
    if (said.contains("connection")) {
      // What it holds, a pipeline follows by itself.
      compare({side, "connection"}, before, after);
      if (said.contains("schema")) compare({side, "schema"}, before, after);
      return;
    }
    std::set<std::string> members;
    for (const auto& [name, value] : said.items()) {
      if (name == "url") {
        members.merge(members_of_url(value.get<std::string>()));
      } else if (!is_secret(name) && !value.is_null()) {
        members.insert(name);
      }
    }
    for (const auto& name : members) compare({side, name}, before, after);
    if (!diff_.patch.contains(side)) return;
    const auto& password = side == "source" ? wanted_.source.password : wanted_.target.password;
    if (!password.empty()) {
      diff_.patch[side]["password"] = password.reveal();
      return;
    }
    for (auto& change : diff_.changes) {
      if (!change.field.starts_with(side + ".") || change.field == side + ".user") continue;
      change.effect = ChangeEffect::kCannotChange;
      change.reason = "the way to the server changes, so its password is asked for again: give " + side +
                      ".password, as ${env:NAME} or ${file:PATH}";
    }
  }

  void compare_mapping(const json& said, const json& before, const json& after) {
    for (const auto& [name, value] : said.items()) {
      if (name != "tables" || !value.is_object()) {
        compare({"mapping", name}, before, after);
        continue;
      }
      for (const auto& [table, options] : value.items()) {
        // Those of a table that is new come with it.
        if (!is_live(table) || !options.is_object()) continue;
        for (const auto& [option, text] : options.items()) {
          compare({"mapping", "tables", table, option}, member(member(before, "tables"), table),
                  member(member(after, "tables"), table));
        }
      }
    }
  }

  bool is_live(const std::string& table) const {
    return std::find(live_.tables.begin(), live_.tables.end(), table) != live_.tables.end();
  }

  void compare_tables() {
    std::vector<schema::TableName> live;
    for (const auto& table : live_.tables) live.push_back(written_table(table));
    std::set<schema::TableName> meant;
    for (const auto& word : wanted_.tables) {
      try {
        const auto found = schema::select_tables({word}, wanted_.source.schema, live);
        meant.insert(found.begin(), found.end());
      } catch (const Error& error) {
        if (error.code() != ErrorCode::kTableNotFound) throw;
        diff_.tables_added.push_back(word);
      }
    }
    for (const auto& table : live) {
      if (!meant.contains(table)) diff_.tables_removed.push_back(table.to_string());
    }
    if (live_.engine == pipeline::EngineKind::kEmbedded) return;
    if (diff_.tables_added.empty() && diff_.tables_removed.empty()) return;
    diff_.changes.push_back({.field = "tables",
                             .before = live_.tables,
                             .after = wanted_.tables,
                             .effect = ChangeEffect::kCannotChange,
                             .reason =
                                 "the tables of a pipeline that Kafka Connect carries cannot be changed: delete it "
                                 "and create it again, or make a second pipeline for further tables"});
    diff_.tables_added.clear();
    diff_.tables_removed.clear();
  }

  const pipeline::PipelineSpec& live_;
  const pipeline::PipelineSpec& wanted_;
  const json& document_;
  SettingsDiff diff_;
};

}  // namespace

const char* to_string(ChangeEffect effect) {
  switch (effect) {
    case ChangeEffect::kInPlace:
      return "in place";
    case ChangeEffect::kRestart:
      return "restart";
    case ChangeEffect::kNextReload:
      return "at the next reload";
    case ChangeEffect::kCannotChange:
      return "cannot change";
  }
  return "cannot change";
}

bool SettingsDiff::possible() const {
  return std::none_of(changes.begin(), changes.end(),
                      [](const auto& change) { return change.effect == ChangeEffect::kCannotChange; });
}

SettingsDiff diff_settings(const pipeline::PipelineSpec& live, const pipeline::PipelineSpec& wanted,
                           const json& document) {
  return Comparison(live, wanted, document).run();
}

}  // namespace millrace::cli
