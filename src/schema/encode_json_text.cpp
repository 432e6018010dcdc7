#include "schema/encode_json_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace millrace::schema {
namespace {

constexpr int kMostDimensions = 6;  // PostgreSQL source, MAXDIM

void append_string(std::string_view text, TextOut& out) {
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

bool is_number_type(const SourceType& type) {
  static constexpr std::array<std::string_view, 7> kNumbers = {"int2",   "int4",   "int8",   "oid",
                                                               "float4", "float8", "numeric"};
  return type.kind == TypeKind::kBase && (type.schema.empty() || type.schema == "pg_catalog") &&
         std::find(kNumbers.begin(), kNumbers.end(), type.name) != kNumbers.end();
}

/// NaN and the infinities have letters; JSON has no word for them.
bool is_json_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789.+-e") == std::string_view::npos;
}

/// Reads pieces of a text that quotes with " and escapes with a backslash.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool done() const { return at_ == text_.size(); }
  char peek() const { return done() ? '\0' : text_[at_]; }
  bool skip(char c) {
    if (done() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool skip(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  /// Up to one of `stops` outside quotes. `quoted` tells "" from nothing.
  bool piece(std::string_view stops, std::string& value, bool& quoted) {
    value.clear();
    quoted = false;
    while (!done() && stops.find(text_[at_]) == std::string_view::npos) {
      if (skip('"')) {
        quoted = true;
        if (!rest_of_quotes(value)) return false;
      } else if (!one(value)) {
        return false;
      }
    }
    return true;
  }

 private:
  bool one(std::string& value) {
    skip('\\');
    if (done()) return false;
    value += text_[at_++];
    return true;
  }
  bool rest_of_quotes(std::string& value) {
    while (!done()) {
      if (!skip('"')) {
        if (!one(value)) return false;
      } else if (!skip('"')) {
        return true;
      } else {
        value += '"';  // doubled in records
      }
    }
    return false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

/// The sign between elements, which is the type's pg_type.typdelim: a comma for all types of PostgreSQL but box.
char delimiter(const SourceType& element) {
  if (element.name == "box") return ';';
  if (element.name == "geometry" || element.name == "geography") return ':';
  return ',';
}

/// NULL is the only unquoted word that is no value; the rest is a value of the element's type.
bool append_element(const SourceType& element, const std::string& value, bool quoted, TextOut& out) {
  if (quoted || value != "NULL") return append_json(element, value, out);
  out += "null";
  return true;
}

/// One pair of braces, with the braces inside it.
bool append_braces(const SourceType& element, Scanner& scanner, int depth, TextOut& out) {
  if (depth > kMostDimensions || !scanner.skip('{')) return false;
  out += '[';
  if (scanner.skip('}')) {
    out += ']';
    return true;
  }
  const char comma = delimiter(element);
  const char stops[] = {comma, '}', '{'};
  std::string value;
  for (;;) {
    if (scanner.peek() == '{') {
      if (!append_braces(element, scanner, depth + 1, out)) return false;
    } else {
      bool quoted = false;
      if (!scanner.piece({stops, sizeof stops}, value, quoted) || (value.empty() && !quoted)) return false;
      if (!append_element(element, value, quoted, out)) return false;
    }
    if (scanner.skip('}')) break;
    if (!scanner.skip(comma)) return false;
    out += ',';
  }
  out += ']';
  return true;
}

/// "[0:2][1:3]=" before the braces: there when a lower bound is not 1. Appends the lower bounds.
bool append_bounds(std::string_view bounds, TextOut& out) {
  Scanner scanner(bounds);
  std::string number;
  bool quoted = false;
  bool first = true;
  while (scanner.skip('[')) {
    if (!scanner.piece(":", number, quoted) || !scanner.skip(':') || !is_json_number(number)) return false;
    if (!first) out += ',';
    first = false;
    out += number;
    if (!scanner.piece("]", number, quoted) || !scanner.skip(']') || !is_json_number(number)) return false;
  }
  return !first && scanner.done();
}

bool append_array(const SourceType& element, std::string_view text, TextOut& out) {
  const bool bounded = text.starts_with('[');
  if (bounded) {
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) return false;
    out += "{\"lower\":[";
    if (!append_bounds(text.substr(0, equals), out)) return false;
    out += "],\"values\":";
    text.remove_prefix(equals + 1);
  }
  Scanner scanner(text);
  if (!append_braces(element, scanner, 1, out) || !scanner.done()) return false;
  if (bounded) out += '}';
  return true;
}

/// int2vector and oidvector: numbers between blanks.
bool append_vector(const SourceType& element, std::string_view text, TextOut& out) {
  out += '[';
  bool first = true;
  while (!text.empty()) {
    const auto blank = std::min(text.find(' '), text.size());
    if (!first) out += ',';
    first = false;
    if (!append_json(element, text.substr(0, blank), out)) return false;
    text.remove_prefix(std::min(blank + 1, text.size()));
  }
  out += ']';
  return true;
}

bool append_record(const std::vector<SourceAttribute>& attributes, std::string_view text, TextOut& out) {
  static const SourceType kUnknown = {};
  Scanner scanner(text);
  if (!scanner.skip('(')) return false;
  out += '{';
  std::string value;
  for (std::size_t i = 0;; ++i) {
    bool quoted = false;
    if (!scanner.piece(",)", value, quoted)) return false;
    // A record type without attributes is written as "()", as is one whose only attribute is NULL.
    if (i < attributes.size() || !value.empty() || quoted || scanner.peek() == ',' || i > 0) {
      if (i > 0) out += ',';
      append_string(i < attributes.size() ? attributes[i].name : fmt::format("f{}", i + 1), out);
      out += ':';
      if (value.empty() && !quoted) {
        out += "null";
      } else if (!append_json(i < attributes.size() ? attributes[i].type : kUnknown, value, out)) {
        return false;
      }
    }
    if (scanner.skip(')')) break;
    if (!scanner.skip(',')) return false;
  }
  out += '}';
  return scanner.done();
}

bool append_hstore(std::string_view text, TextOut& out) {
  Scanner scanner(text);
  out += '{';
  std::string value;
  for (bool first = true; !scanner.done(); first = false) {
    if (!first) {
      if (!scanner.skip(", ")) return false;
      out += ',';
    }
    bool quoted = false;
    if (!scanner.piece("=", value, quoted) || !quoted) return false;
    append_string(value, out);
    if (!scanner.skip("=>")) return false;
    out += ':';
    if (!scanner.piece(",", value, quoted)) return false;
    if (quoted) {
      append_string(value, out);
    } else {
      if (value != "NULL") return false;
      out += "null";
    }
  }
  out += '}';
  return true;
}

}  // namespace

bool append_json(const SourceType& type, std::string_view text, TextOut& out) {
  if (type.is_array) {
    SourceType element = type;
    element.is_array = false;
    const bool vector = type.declared == "int2vector" || type.declared == "oidvector";
    return vector ? append_vector(element, text, out) : append_array(element, text, out);
  }
  if (type.kind == TypeKind::kComposite) return append_record(type.attributes, text, out);
  if (type.kind == TypeKind::kBase && type.name == "hstore") return append_hstore(text, out);
  if (is_number_type(type) && is_json_number(text)) {
    out += text;
    return true;
  }
  if (type.kind == TypeKind::kBase && type.name == "bool" && type.schema == "pg_catalog") {
    if (text != "t" && text != "f") return false;
    out += text == "t" ? "true" : "false";
    return true;
  }
  append_string(text, out);
  return true;
}

}  // namespace millrace::schema
