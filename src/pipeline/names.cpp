#include "pipeline/names.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <functional>

#include "support/error.hpp"

namespace millrace::pipeline {
namespace {

constexpr std::size_t kLongestPipeline = 64;
constexpr std::size_t kLongestIdentifier = 63;  // PostgreSQL's NAMEDATALEN - 1
constexpr std::size_t kHashTail = 9;            // '_' and eight hex digits

/// FNV-1a, 32 bits: the same on every machine and in every version, as stored names need it.
std::uint32_t stable_hash(const std::string& text) {
  std::uint32_t hash = 2166136261U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return hash;
}

std::string shortened(const std::string& text, std::size_t limit, bool upper) {
  if (text.size() <= limit) return text;
  const auto digits = upper ? fmt::format("{:08X}", stable_hash(text)) : fmt::format("{:08x}", stable_hash(text));
  return text.substr(0, limit - kHashTail) + "_" + digits;
}

bool letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

char to_case(char c, bool upper) {
  if (upper && c >= 'a' && c <= 'z') return static_cast<char>(c - 'a' + 'A');
  if (!upper && c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
  return c;
}

std::string cleaned(const std::string& text, bool upper) {
  std::string out;
  for (const char c : text) out += letter_or_digit(c) ? to_case(c, upper) : '_';
  return out;
}

std::string checked(const std::string& name, const std::string& option, std::size_t limit, const char* allowed,
                    const std::function<bool(char)>& fits) {
  bool good = !name.empty() && name.size() <= limit;
  for (const char c : name) good = good && fits(c);
  if (!good) {
    throw Error(ErrorCode::kNameInvalid,
                fmt::format("{} \"{}\" must be 1 to {} characters of {}.", option, name, limit, allowed),
                {.field = option});
  }
  return name;
}

bool lower_digit_or_underscore(char c) {
  return c == '_' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

}  // namespace

PipelineNames derive_names(const PipelineSpec& spec) {
  PipelineNames names;
  names.pipeline =
      spec.name.empty()
          ? shortened("P_" + cleaned(spec.source.database, true) + "_TO_" + cleaned(spec.target.database, true),
                      kLongestPipeline, true)
          : checked(spec.name, "name", kLongestPipeline, "A-Z, 0-9 and _",
                    [](char c) { return c == '_' || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
  const auto lower = cleaned(names.pipeline, false);
  names.slot = spec.slot.empty()
                   ? shortened(lower + "_slot", kLongestIdentifier, false)
                   : checked(spec.slot, "slot", kLongestIdentifier, "a-z, 0-9 and _", lower_digit_or_underscore);
  names.publication = spec.publication;
  if (names.publication.empty()) {
    names.publication = shortened(lower + "_pub", kLongestIdentifier, false);
    if (names.publication.front() >= '0' && names.publication.front() <= '9') {
      names.publication = shortened("p_" + lower + "_pub", kLongestIdentifier, false);
    }
  }
  checked(names.publication, "publication", kLongestIdentifier, "a-z, 0-9 and _", lower_digit_or_underscore);
  if (names.publication.front() >= '0' && names.publication.front() <= '9') {
    throw Error(ErrorCode::kNameInvalid, "publication \"" + names.publication + "\" begins with a digit.",
                {.field = "publication"});
  }
  names.source_connector = names.pipeline + "-source";
  names.sink_connector = names.pipeline + "-sink";
  names.heartbeat_topic = "__debezium-heartbeat." + names.pipeline;
  return names;
}

std::string shortened_name(const std::string& text, std::size_t limit) {
  return shortened(text, limit, false);
}

std::string topic_name(const PipelineNames& names, const schema::TableName& table) {
  std::string topic = names.pipeline + "." + table.schema + "." + table.name;
  std::string out;
  // Debezium replaces each UTF-16 unit that Kafka refuses, so a character of four bytes becomes two underscores.
  for (const char c : topic) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80U) {
      out += letter_or_digit(c) || c == '.' || c == '_' || c == '-' ? c : '_';
    } else if ((byte & 0xC0U) != 0x80U) {
      out += byte >= 0xF0U ? "__" : "_";
    }
  }
  return out;
}

}  // namespace millrace::pipeline
