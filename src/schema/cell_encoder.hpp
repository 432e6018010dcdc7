#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "schema/cell.hpp"
#include "schema/type_mapping.hpp"
#include "support/error.hpp"

namespace millrace::schema {

/// How PostgreSQL sent a value: a type's send function (binary) or its output function (text).
enum class WireFormat : std::uint8_t { kText, kBinary };

/// A value that the target column cannot hold, under policy `fail`. Carries code kValueUnrepresentable; `column` and a
/// class of the value ("NaN", "year 10000", "41 digits") are in the message, never the value itself.
/// The caller adds table, key and LSN.
class ValueError : public Error {
 public:
  using Error::Error;
};

/// Turns one source column's values into target cells, by docs/reference/types.md, the same from either format.
/// Built once per column. encode() is thread-safe for different cells and does not allocate for fixed kinds.
class CellEncoder {
 public:
  virtual ~CellEncoder() = default;

  /// `value` is a non-NULL value's bytes as PostgreSQL sent them (no length word, no terminating zero). Policy null
  /// sets cell.null; clamp gives the nearest value; text never fails. Throws ValueError, and Error kProtocol when the
  /// bytes are no value of the type.
  virtual void encode(WireFormat format, std::string_view value, Cell& cell) const = 0;
};

/// True when the encoder of this column understands the type's binary format, so that it may be asked for. False:
/// PostgreSQL must send text (types whose binary form is not documented as stable, or whose text is what is kept).
bool binary_capable(const SourceType& type);

/// The expression that COPY and catalog-free SELECTs use so that both formats carry what encode() expects: mostly the
/// quoted column; hstore, arrays and composites may need to_json-like help on the source side only if the stream can
/// give the same target value from the type's plain text.
std::string copy_expression(const ColumnMapping& column);

/// Settings that a source session must have so that text values have the form that encode() reads: DateStyle,
/// IntervalStyle, TimeZone, extra_float_digits, bytea_output, lc_monetary, xmloption: "SET .." statements.
std::vector<std::string> session_settings();

/// An encoder for the column. `policy` decides about values without a representation.
std::unique_ptr<CellEncoder> make_encoder(const ColumnMapping& column, ValuePolicy policy);

}  // namespace millrace::schema
