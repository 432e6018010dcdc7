#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "support/error.hpp"

namespace millrace::store {

/// What a statement takes and gives: NULL, a number, or text. Booleans are 0 and 1, moments Unix milliseconds.
using Value = std::variant<std::monostate, std::int64_t, double, std::string>;

/// One row of an answer. Reading a column as something it is not throws Error kStore.
class Row {
 public:
  explicit Row(std::vector<Value> values) : values_(std::move(values)) {}

  bool null(std::size_t column) const;
  const std::string& text(std::size_t column) const;
  std::int64_t integer(std::size_t column) const;
  /// Also of an integer.
  double real(std::size_t column) const;
  bool flag(std::size_t column) const { return integer(column) != 0; }
  std::optional<std::string> optional_text(std::size_t column) const;
  std::optional<std::int64_t> optional_integer(std::size_t column) const;
  std::optional<double> optional_real(std::size_t column) const;

 private:
  const Value& at(std::size_t column) const;
  std::vector<Value> values_;
};

using Rows = std::vector<Row>;

/// A value that stands for "none" when the optional is empty.
Value value_of(const std::optional<std::int64_t>& number);
Value value_of(const std::optional<double>& number);
Value value_of(const std::optional<std::string>& text);

/// A row with this key is there already. Thrown by Session; repositories that know the field throw it anew with it.
class UniqueViolation : public Error {
 public:
  using Error::Error;
};

/// A row that this one names is not there, or is still named by others.
class ReferenceViolation : public Error {
 public:
  using Error::Error;
};

/// The work met another transaction and may be done again as a whole; Database::write does so by itself.
class WriteConflict : public Error {
 public:
  using Error::Error;
};

/// One connection to the store, lent for one unit of work by Database::read or Database::write; not to be kept.
/// Statements are prepared once a connection. Statement texts are SQL that both backends take, with `?` for
/// parameters; a text is never put together from outside values. Throws Error kStore, kStoreUnavailable and the
/// classes above. Not thread-safe.
class Session {
 public:
  Session() = default;
  virtual ~Session() = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  virtual Rows query(std::string_view sql, const std::vector<Value>& parameters = {}) = 0;
  /// The number of rows that it changed.
  virtual std::int64_t execute(std::string_view sql, const std::vector<Value>& parameters = {}) = 0;
  /// The store's own clock: the database server's for PostgreSQL, so that servers with different clocks agree.
  virtual std::int64_t clock_ms() = 0;
  /// " FOR UPDATE" where the backend locks rows, nothing where a writer is alone anyway.
  virtual std::string_view for_update() const = 0;
  /// An aggregate of texts: all of them in one, a line each. NULL of no rows.
  virtual std::string lines_of(std::string_view expression) const = 0;
};

}  // namespace millrace::store
