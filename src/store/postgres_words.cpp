#include <cctype>

#include "store/postgres_backend.hpp"

namespace millrace::store {
namespace {

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

std::string_view in_postgres(std::string_view word) {
  if (word == "INTEGER") return "BIGINT";
  if (word == "REAL") return "DOUBLE PRECISION";
  if (word == "TEXT") return "TEXT COLLATE \"C\"";
  if (word == "STRICT") return "";
  return word;
}

/// The end of the quoted text that begins at `at`; two quotes in a row are read as two texts, which comes to the same.
std::size_t after_quotes(std::string_view text, std::size_t at) {
  const auto end = text.find(text[at], at + 1);
  return end == std::string_view::npos ? text.size() : end + 1;
}

}  // namespace

std::string numbered_parameters(std::string_view sql) {
  std::string out;
  out.reserve(sql.size() + 16);
  int number = 0;
  for (std::size_t at = 0; at < sql.size();) {
    if (sql[at] == '\'' || sql[at] == '"') {
      const auto end = after_quotes(sql, at);
      out += sql.substr(at, end - at);
      at = end;
    } else if (sql[at] == '?') {
      out += '$' + std::to_string(++number);
      ++at;
    } else {
      out += sql[at++];
    }
  }
  return out;
}

std::string postgres_words(std::string_view statements) {
  std::string out;
  out.reserve(statements.size() * 2);
  for (std::size_t at = 0; at < statements.size();) {
    if (statements[at] == '\'') {
      const auto end = after_quotes(statements, at);
      out += statements.substr(at, end - at);
      at = end;
    } else if (is_word(statements[at])) {
      auto end = at;
      while (end < statements.size() && is_word(statements[end])) ++end;
      out += in_postgres(statements.substr(at, end - at));
      at = end;
    } else {
      out += statements[at++];
    }
  }
  return out;
}

}  // namespace millrace::store
