#include "pipeline/spec_json.hpp"

#include <nlohmann/json.hpp>

#include <limits>
#include <set>

#include "pipeline/spec_fields.hpp"
#include "pipeline/type_text.hpp"
#include "pipeline/words.hpp"
#include "support/error.hpp"
#include "support/suggest.hpp"

namespace millrace::pipeline {
namespace {

using nlohmann::json;
constexpr int kMostWorkers = 64;

using StringMap = std::map<std::string, std::string>;

/// Property names that carry a secret, by the words that Kafka's own settings use.
bool tells_secret(const std::string& name) {
  for (const char* word : {"password", "secret", "jaas", "token", "credential", "ssl.key"}) {
    if (name.find(word) != std::string::npos) return true;
  }
  return false;
}

class Writer {
 public:
  explicit Writer(bool with_secrets) : with_secrets_(with_secrets) {}
  json take() { return std::move(out_); }

  void field(const char* name, const std::string& value) {
    if (!value.empty()) out_[name] = value;
  }
  void field(const char* name, bool value) { out_[name] = value; }
  void field(const char* name, int value) { out_[name] = value; }
  void field(const char* name, std::uint16_t value) { out_[name] = value; }
  void field(const char* name, std::chrono::seconds value) { out_[name] = value.count(); }
  void field(const char* name, std::chrono::milliseconds value) { out_[name] = value.count(); }
  void field(const char* name, const std::vector<std::string>& value) {
    if (!value.empty()) out_[name] = value;
  }
  void field(const char* name, const std::optional<schema::TableName>& value) {
    if (value) out_[name] = json::array({value->schema, value->name});
  }
  void field(const char* name, const std::map<std::string, schema::TargetType>& types) {
    for (const auto& [column, type] : types) out_[name][column] = type.to_string();
  }
  void field(const char* name, const StringMap& texts) {
    if (!texts.empty()) out_[name] = texts;
  }
  void field(const char* name, const std::map<std::string, schema::ValuePolicy>& policies) {
    for (const auto& [column, policy] : policies) out_[name][column] = to_word(policy);
  }
  template <typename Enum>
    requires std::is_enum_v<Enum>
  void field(const char* name, Enum value) {
    out_[name] = to_word(value);
  }
  void field(const char* name, const SchemaPolicies& value) { out_[name] = to_text(value); }
  void secret(const char* name, const Secret& value) {
    if (with_secrets_ && !value.empty()) out_[name] = value.reveal();
  }
  void secret_map(const char* name, const StringMap& map) {
    for (const auto& [key, value] : map) {
      if (with_secrets_ || !tells_secret(key)) out_[name][key] = value;
    }
  }
  template <typename Function>
  void object(const char* name, const Function& fill) {
    Writer inner(with_secrets_);
    fill(inner);
    out_[name] = inner.take();
  }
  void endpoint(const char* name, const SourceEndpoint& source) {
    object(name, [&](Writer& inner) { visit_source(inner, source); });
  }
  void endpoint(const char* name, const TargetEndpoint& target) {
    object(name, [&](Writer& inner) { visit_target(inner, target); });
  }
  void tables(const char* name, const std::map<schema::TableName, schema::TableOptions>& tables) {
    json list = json::object();
    for (const auto& [table, options] : tables) {
      Writer inner(with_secrets_);
      visit_table(inner, options);
      list[table.to_string()] = inner.out_.is_null() ? json::object() : inner.take();
    }
    if (!list.empty()) out_[name] = std::move(list);
  }

 private:
  bool with_secrets_;
  json out_ = json::object();
};

class Reader {
 public:
  Reader(const json& in, std::string path) : in_(in), path_(std::move(path)) {
    if (!in_.is_object()) refuse(path_.empty() ? "The document" : path_, "a mapping");
  }

  /// Names a member that nobody asked for.
  void finish() const {
    for (const auto& [name, value] : in_.items()) {
      if (known_.contains(name)) continue;
      Error error(ErrorCode::kUsage, "There is no option " + at(name) + ".", {.field = at(name)});
      const std::vector<std::string> names(known_.begin(), known_.end());
      const auto similar = nearest(name, names);
      if (!similar.empty()) error.suggest("Did you mean " + at(similar.front()) + "?");
      throw error;
    }
  }

  void field(const char* name, std::string& value) {
    if (const json* found = find(name)) value = text(*found, at(name));
  }
  void field(const char* name, bool& value) {
    const json* found = find(name);
    if (found == nullptr) return;
    if (!found->is_boolean()) refuse(at(name), "true or false");
    value = found->get<bool>();
  }
  void field(const char* name, int& value) { value = static_cast<int>(integer(name, value, -1, 1'000'000)); }
  void field(const char* name, std::uint16_t& value) {
    value = static_cast<std::uint16_t>(integer(name, value, 1, 65535));
  }
  void field(const char* name, std::chrono::seconds& value) {
    value = std::chrono::seconds(integer(name, value.count(), 1, 86400));
  }
  void field(const char* name, std::chrono::milliseconds& value) {
    value = std::chrono::milliseconds(integer(name, value.count(), 100, 3'600'000));
  }
  void field(const char* name, std::vector<std::string>& value) {
    const json* found = find(name);
    if (found == nullptr) return;
    if (!found->is_array()) refuse(at(name), "a list of texts");
    value.clear();
    for (const auto& item : *found) value.push_back(text(item, at(name)));
  }
  void field(const char* name, std::optional<schema::TableName>& value) {
    const json* found = find(name);
    if (found == nullptr) return;
    if (found->is_array() && found->size() == 2) {
      value = schema::TableName{text((*found)[0], at(name)), text((*found)[1], at(name))};
      return;
    }
    value = table_name(text(*found, at(name)), at(name));
  }
  void field(const char* name, std::map<std::string, schema::TargetType>& types) {
    const json* found = find(name);
    if (found == nullptr) return;
    if (!found->is_object()) refuse(at(name), "a mapping from column to type");
    for (const auto& [column, type] : found->items())
      types[column] = parse_target_type(text(type, at(name)), at(name) + "." + column);
  }
  void field(const char* name, StringMap& texts) {
    const json* found = find(name);
    if (found == nullptr) return;
    if (!found->is_object()) refuse(at(name), "a mapping from column to name");
    for (const auto& [column, value] : found->items()) texts[column] = text(value, at(name) + "." + column);
  }
  void field(const char* name, std::map<std::string, schema::ValuePolicy>& policies) {
    const json* found = find(name);
    if (found == nullptr) return;
    if (!found->is_object()) refuse(at(name), "a mapping from column to policy");
    for (const auto& [column, word] : found->items()) {
      from_word(text(word, at(name) + "." + column), at(name) + "." + column, policies[column]);
    }
  }
  template <typename Enum>
    requires std::is_enum_v<Enum>
  void field(const char* name, Enum& value) {
    if (const json* found = find(name)) from_word(text(*found, at(name)), at(name), value);
  }
  void field(const char* name, SchemaPolicies& value) {
    const json* found = find(name);
    if (found == nullptr) return;
    if (!found->is_object()) {
      value = parse_schema_policies(text(*found, at(name)), at(name));
      return;
    }
    value = {};
    if (const auto all = found->find("all"); all != found->end()) {
      set_schema_policy(value, "all", text(*all, at(name) + ".all"), at(name) + ".all");
    }
    for (const auto& [kind, word] : found->items()) {
      if (kind != "all") set_schema_policy(value, kind, text(word, at(name) + "." + kind), at(name) + "." + kind);
    }
  }
  void secret(const char* name, Secret& value) {
    if (const json* found = find(name)) value = Secret(text(*found, at(name)));
  }
  void secret_map(const char* name, StringMap& map) {
    const json* found = find(name);
    if (found == nullptr) return;
    if (!found->is_object()) refuse(at(name), "a mapping of texts");
    for (const auto& [key, value] : found->items()) map[key] = scalar(value, at(name) + "." + key);
  }
  template <typename Function>
  void object(const char* name, const Function& fill) {
    const json* found = find(name);
    if (found == nullptr) return;
    Reader inner(*found, at(name));
    fill(inner);
    inner.finish();
  }
  void endpoint(const char* name, SourceEndpoint& source) {
    object(name, [&](Reader& inner) {
      if (const json* url = inner.find("url")) source = parse_source_url(text(*url, inner.at("url")));
      visit_source(inner, source);
    });
  }
  void endpoint(const char* name, TargetEndpoint& target) {
    object(name, [&](Reader& inner) {
      if (const json* url = inner.find("url")) target = parse_target_url(text(*url, inner.at("url")));
      visit_target(inner, target);
    });
  }
  void tables(const char* name, std::map<schema::TableName, schema::TableOptions>& tables) {
    const json* found = find(name);
    if (found == nullptr) return;
    if (!found->is_object()) refuse(at(name), "a mapping from schema.table to its options");
    for (const auto& [table, options] : found->items()) {
      Reader inner(options, at(name) + "." + table);
      visit_table(inner, tables[table_name(table, at(name))]);
      inner.finish();
    }
  }

 private:
  std::string at(const std::string& name) const { return path_.empty() ? name : path_ + "." + name; }

  const json* find(const char* name) {
    known_.insert(name);
    const auto found = in_.find(name);
    return found == in_.end() || found->is_null() ? nullptr : &*found;
  }

  [[noreturn]] static void refuse(const std::string& where, const std::string& wanted) {
    throw Error(ErrorCode::kUsage, where + " must be " + wanted + ".", {.field = where});
  }

  static std::string text(const json& value, const std::string& where) {
    if (!value.is_string()) refuse(where, "a text");
    return value.get<std::string>();
  }
  static std::string scalar(const json& value, const std::string& where) {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_number() || value.is_boolean()) return value.dump();
    refuse(where, "a text");
  }
  static schema::TableName table_name(const std::string& text, const std::string& where) {
    const auto dot = text.find('.');
    if (dot == std::string::npos || dot == 0 || dot + 1 == text.size())
      refuse(where, "a name of the form schema.table");
    return {text.substr(0, dot), text.substr(dot + 1)};
  }
  std::int64_t integer(const char* name, std::int64_t otherwise, std::int64_t low, std::int64_t high) {
    const json* found = find(name);
    if (found == nullptr) return otherwise;
    const bool fits =
        found->is_number_integer() && found->get<std::int64_t>() >= low && found->get<std::int64_t>() <= high;
    if (!fits) refuse(at(name), "a whole number from " + std::to_string(low) + " to " + std::to_string(high));
    return found->get<std::int64_t>();
  }

  const json& in_;
  std::string path_;
  std::set<std::string> known_;
};

}  // namespace

json to_json(const PipelineSpec& spec, bool with_secrets) {
  Writer writer(with_secrets);
  visit_spec(writer, spec);
  return writer.take();
}

PipelineSpec spec_from_json(const json& document) {
  PipelineSpec spec;
  Reader reader(document, "");
  visit_spec(reader, spec);
  reader.finish();
  if (!document.contains("engine") && !spec.kafka.connect.url.empty()) spec.engine = EngineKind::kKafkaConnect;
  for (const auto& [field, workers] : {std::pair{"embedded.load_workers", spec.embedded.load_workers},
                                       std::pair{"kafka_connect.load_workers", spec.kafka.load_workers}}) {
    if (workers >= 1 && workers <= kMostWorkers) continue;
    throw Error(ErrorCode::kUsage, std::string(field) + " must be a whole number from 1 to 64.", {.field = field});
  }
  if (spec.engine == EngineKind::kEmbedded && spec.snapshot == SnapshotMode::kDebezium) {
    throw Error(ErrorCode::kUsage, "snapshot debezium is of the engine kafka-connect: embedded has no Debezium.",
                {.field = "snapshot"})
        .suggest("Leave it out: initial loads what is there.");
  }
  spec.mapping.target_schema = spec.target.schema;
  return spec;
}

void require_complete(const PipelineSpec& spec) {
  const std::pair<const char*, bool> members[] = {
      {"source.host", spec.source.host.empty()},
      {"source.database", spec.source.database.empty()},
      {"source.user", spec.source.user.empty()},
      {"target.host", spec.target.host.empty()},
      {"target.database", spec.target.database.empty()},
      {"target.user", spec.target.user.empty()},
      {"tables", spec.tables.empty()},
      {"kafka_connect.url", spec.engine == EngineKind::kKafkaConnect && spec.kafka.connect.url.empty()}};
  for (const auto& [name, missing] : members) {
    if (missing) throw Error(ErrorCode::kUsage, std::string(name) + " is missing.", {.field = name});
  }
}

}  // namespace millrace::pipeline
