#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/cell.hpp"
#include "schema/long_value.hpp"
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

  /// The value as one that is read piece by piece. Nothing: encode() has to judge it, since it is not valid, since its
  /// column is not (max), or since values of the type can only be made as a whole.
  virtual std::optional<LongValue> encode_long(WireFormat format, HeldBytes value) const;
};

/// True when the encoder of this column understands the type's binary format, so that it may be asked for. False:
/// PostgreSQL must send text (types whose binary form is not documented as stable, or whose text is what is kept).
/// pgoutput's option "binary" holds for all columns of all tables: it may be set only when this is true for each.
bool binary_capable(const SourceType& type);

/// The select-list expression for COPY (SELECT ..) TO STDOUT (FORMAT binary), which needs a binary form of every
/// column: the quoted column where its binary form is understood, else its output function's text as a value of type
/// text. So a row gives the same cells whether it was copied or streamed.
std::string copy_expression(const ColumnMapping& column);

/// The format to hand to encode() for a field of that COPY: kText where copy_expression() asks for the text.
WireFormat copy_format(const ColumnMapping& column);

/// Settings that a source session must have so that text values have the form that encode() reads: DateStyle,
/// IntervalStyle, TimeZone, extra_float_digits, bytea_output, lc_monetary, client_encoding: "SET .." statements.
std::vector<std::string> session_settings();

/// An encoder for the column. Its own policy, or else `policy`, decides about values without a representation. Throws
/// Error kTableUnsupported when the target type, by the user's choice, cannot hold the source type's values exactly.
std::unique_ptr<CellEncoder> make_encoder(const ColumnMapping& column, ValuePolicy policy);

}  // namespace millrace::schema
