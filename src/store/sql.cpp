#include "store/sql.hpp"

#include "store/backend.hpp"

namespace millrace::store {
namespace {

Error mistyped(std::size_t column, const char* wanted) {
  return Error(ErrorCode::kStore, "Column " + std::to_string(column) + " of a stored row is not " + wanted + ".");
}

template <typename Type>
Value wrapped(const std::optional<Type>& value) {
  return value ? Value(*value) : Value();
}

}  // namespace

const Value& Row::at(std::size_t column) const {
  if (column >= values_.size()) throw mistyped(column, "there");
  return values_[column];
}

bool Row::null(std::size_t column) const {
  return std::holds_alternative<std::monostate>(at(column));
}

const std::string& Row::text(std::size_t column) const {
  if (const auto* text = std::get_if<std::string>(&at(column))) return *text;
  throw mistyped(column, "a text");
}

std::int64_t Row::integer(std::size_t column) const {
  if (const auto* number = std::get_if<std::int64_t>(&at(column))) return *number;
  throw mistyped(column, "a whole number");
}

double Row::real(std::size_t column) const {
  if (const auto* number = std::get_if<double>(&at(column))) return *number;
  return static_cast<double>(integer(column));
}

std::optional<std::string> Row::optional_text(std::size_t column) const {
  return null(column) ? std::nullopt : std::optional(text(column));
}

std::optional<std::int64_t> Row::optional_integer(std::size_t column) const {
  return null(column) ? std::nullopt : std::optional(integer(column));
}

std::optional<double> Row::optional_real(std::size_t column) const {
  return null(column) ? std::nullopt : std::optional(real(column));
}

Value value_of(const std::optional<std::int64_t>& number) {
  return wrapped(number);
}
Value value_of(const std::optional<double>& number) {
  return wrapped(number);
}
Value value_of(const std::optional<std::string>& text) {
  return wrapped(text);
}

void refuse_nul(const std::vector<Value>& parameters) {
  for (const auto& parameter : parameters) {
    const auto* text = std::get_if<std::string>(&parameter);
    if (text != nullptr && text->find('\0') != std::string::npos) {
      throw Error(ErrorCode::kUsage, "A text holds a NUL character.");
    }
  }
}

}  // namespace millrace::store
