#include "pipeline/words.hpp"

#include <array>
#include <utility>

#include "support/error.hpp"

namespace millrace::pipeline {
namespace {

template <typename Value, std::size_t N>
using Words = std::array<std::pair<Value, const char*>, N>;

constexpr Words<EngineKind, 2> kEngines{
    {{EngineKind::kEmbedded, "embedded"}, {EngineKind::kKafkaConnect, "kafka-connect"}}};
constexpr Words<SnapshotMode, 3> kSnapshots{
    {{SnapshotMode::kInitial, "initial"}, {SnapshotMode::kNoData, "no_data"}, {SnapshotMode::kDebezium, "debezium"}}};
constexpr Words<PublicationMode, 3> kPublications{{{PublicationMode::kFiltered, "filtered"},
                                                   {PublicationMode::kAllTables, "all_tables"},
                                                   {PublicationMode::kDisabled, "disabled"}}};
constexpr Words<ToastMode, 2> kToasts{{{ToastMode::kReselect, "reselect"}, {ToastMode::kFull, "full"}}};
constexpr Words<TruncatePolicy, 3> kTruncates{
    {{TruncatePolicy::kAuto, "auto"}, {TruncatePolicy::kIgnore, "ignore"}, {TruncatePolicy::kApply, "apply"}}};
constexpr Words<LoadPolicy, 3> kLoads{
    {{LoadPolicy::kFail, "fail"}, {LoadPolicy::kTruncate, "truncate"}, {LoadPolicy::kSwap, "swap"}}};
constexpr Words<SchemaPolicy, 3> kSchemas{
    {{SchemaPolicy::kApply, "apply"}, {SchemaPolicy::kIgnore, "ignore"}, {SchemaPolicy::kPause, "pause"}}};
constexpr Words<PoisonPolicy, 2> kPoisons{{{PoisonPolicy::kStop, "stop"}, {PoisonPolicy::kQuarantine, "quarantine"}}};
constexpr Words<UnwrapMode, 4> kUnwraps{{{UnwrapMode::kAuto, "auto"},
                                         {UnwrapMode::kNative, "native"},
                                         {UnwrapMode::kExtractAfter, "extract_after"},
                                         {UnwrapMode::kExtractNewRecordState, "extract_new_record_state"}}};
constexpr Words<SinkFlavour, 4> kSinks{{{SinkFlavour::kAuto, "auto"},
                                        {SinkFlavour::kDebezium, "debezium"},
                                        {SinkFlavour::kConfluent, "confluent"},
                                        {SinkFlavour::kAiven, "aiven"}}};
constexpr Words<SecretMode, 5> kSecrets{{{SecretMode::kAuto, "auto"},
                                         {SecretMode::kInline, "inline"},
                                         {SecretMode::kFile, "file"},
                                         {SecretMode::kEnv, "env"},
                                         {SecretMode::kDir, "dir"}}};
constexpr Words<schema::ValuePolicy, 4> kPolicies{{{schema::ValuePolicy::kFail, "fail"},
                                                   {schema::ValuePolicy::kNull, "null"},
                                                   {schema::ValuePolicy::kClamp, "clamp"},
                                                   {schema::ValuePolicy::kText, "text"}}};

constexpr Words<schema::KeyKind, 4> kKeys{{{schema::KeyKind::kPrimaryKey, "primary-key"},
                                           {schema::KeyKind::kUniqueIndex, "unique-index"},
                                           {schema::KeyKind::kChosen, "chosen"},
                                           {schema::KeyKind::kNone, "none"}}};

template <typename Value, std::size_t N>
std::string word_of(const Words<Value, N>& words, Value value) {
  for (const auto& [known, word] : words) {
    if (known == value) return word;
  }
  throw Error(ErrorCode::kInternal, "An option has a value without a word.");
}

template <typename Value, std::size_t N>
void value_of(const Words<Value, N>& words, const std::string& word, const std::string& field, Value& value) {
  std::string list;
  for (const auto& [known, text] : words) {
    if (word == text) {
      value = known;
      return;
    }
    list += (list.empty() ? "" : ", ") + std::string(text);
  }
  throw Error(ErrorCode::kUsage, field + " does not take \"" + word + "\".", {.field = field})
      .suggest("It takes one of: " + list + ".");
}

}  // namespace

std::string to_word(EngineKind value) {
  return word_of(kEngines, value);
}
std::string to_word(SnapshotMode value) {
  return word_of(kSnapshots, value);
}
std::string to_word(PublicationMode value) {
  return word_of(kPublications, value);
}
std::string to_word(ToastMode value) {
  return word_of(kToasts, value);
}
std::string to_word(TruncatePolicy value) {
  return word_of(kTruncates, value);
}
std::string to_word(LoadPolicy value) {
  return word_of(kLoads, value);
}
std::string to_word(SchemaPolicy value) {
  return word_of(kSchemas, value);
}
std::string to_word(PoisonPolicy value) {
  return word_of(kPoisons, value);
}
std::string to_word(UnwrapMode value) {
  return word_of(kUnwraps, value);
}
std::string to_word(SinkFlavour value) {
  return word_of(kSinks, value);
}
std::string to_word(SecretMode value) {
  return word_of(kSecrets, value);
}
std::string to_word(schema::ValuePolicy value) {
  return word_of(kPolicies, value);
}
std::string to_word(schema::KeyKind value) {
  return word_of(kKeys, value);
}

void from_word(const std::string& word, const std::string& field, EngineKind& value) {
  value_of(kEngines, word, field, value);
}
void from_word(const std::string& word, const std::string& field, SnapshotMode& value) {
  value_of(kSnapshots, word, field, value);
}
void from_word(const std::string& word, const std::string& field, PublicationMode& value) {
  value_of(kPublications, word, field, value);
}
void from_word(const std::string& word, const std::string& field, ToastMode& value) {
  value_of(kToasts, word, field, value);
}
void from_word(const std::string& word, const std::string& field, TruncatePolicy& value) {
  value_of(kTruncates, word, field, value);
}
void from_word(const std::string& word, const std::string& field, LoadPolicy& value) {
  value_of(kLoads, word, field, value);
}
void from_word(const std::string& word, const std::string& field, SchemaPolicy& value) {
  value_of(kSchemas, word, field, value);
}
void from_word(const std::string& word, const std::string& field, PoisonPolicy& value) {
  value_of(kPoisons, word, field, value);
}
void from_word(const std::string& word, const std::string& field, UnwrapMode& value) {
  value_of(kUnwraps, word, field, value);
}
void from_word(const std::string& word, const std::string& field, SinkFlavour& value) {
  value_of(kSinks, word, field, value);
}
void from_word(const std::string& word, const std::string& field, SecretMode& value) {
  value_of(kSecrets, word, field, value);
}
void from_word(const std::string& word, const std::string& field, schema::ValuePolicy& value) {
  value_of(kPolicies, word, field, value);
}

}  // namespace millrace::pipeline
