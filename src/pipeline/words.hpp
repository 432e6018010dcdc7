#pragma once

#include <string>

#include "pipeline/spec.hpp"

namespace millrace::pipeline {

/// The word of an option's value, as CLI, YAML and API have it: "kafka-connect", "no_data", ...
std::string to_word(EngineKind value);
std::string to_word(SnapshotMode value);
std::string to_word(PublicationMode value);
std::string to_word(ToastMode value);
std::string to_word(TruncatePolicy value);
std::string to_word(LoadPolicy value);
std::string to_word(SchemaPolicy value);
std::string to_word(PoisonPolicy value);
std::string to_word(UnwrapMode value);
std::string to_word(SinkFlavour value);
std::string to_word(SecretMode value);
std::string to_word(schema::ValuePolicy value);
std::string to_word(schema::KeyKind value);  ///< of answers alone

/// The value of a word. Throws Error kUsage naming `field` and all words it takes.
void from_word(const std::string& word, const std::string& field, EngineKind& value);
void from_word(const std::string& word, const std::string& field, SnapshotMode& value);
void from_word(const std::string& word, const std::string& field, PublicationMode& value);
void from_word(const std::string& word, const std::string& field, ToastMode& value);
void from_word(const std::string& word, const std::string& field, TruncatePolicy& value);
void from_word(const std::string& word, const std::string& field, LoadPolicy& value);
void from_word(const std::string& word, const std::string& field, SchemaPolicy& value);
void from_word(const std::string& word, const std::string& field, PoisonPolicy& value);
void from_word(const std::string& word, const std::string& field, UnwrapMode& value);
void from_word(const std::string& word, const std::string& field, SinkFlavour& value);
void from_word(const std::string& word, const std::string& field, SecretMode& value);
void from_word(const std::string& word, const std::string& field, schema::ValuePolicy& value);

}  // namespace millrace::pipeline
