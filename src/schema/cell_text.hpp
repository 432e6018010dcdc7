#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "schema/cell.hpp"

namespace millrace::schema {

/// The cell as people write it, UTF-8: "12.50", "2024-02-29 12:00:00.000001", "0x00FF", NULL. For differing values in
/// reports; not for logs that must hold no data.
std::string to_display(CellKind kind, const Cell& cell, const TargetType& type);

/// Appends the bytes that canonical_expression() gives on SQL Server for a column of this type that holds the cell, so
/// that both sides hash alike. The cell must not be NULL.
///   bit, integers      8 bytes, big-endian two's complement
///   real, float        8 bytes, big-endian IEEE 754 of the value as float(53)
///   decimal            the digits at the column's scale in ASCII, "-0.50"
///   date               8 bytes, big-endian: days since 0001-01-01
///   time               8 bytes, big-endian: nanoseconds since midnight
///   datetime2          8 bytes days since 0001-01-01, 8 bytes nanoseconds since midnight
///   datetimeoffset     as datetime2, at UTC
///   uniqueidentifier   36 ASCII characters in upper case
///   nvarchar, nchar    UTF-16LE
///   varbinary, binary  the bytes
void canonical_bytes(CellKind kind, const TargetType& type, const Cell& cell, std::vector<std::uint8_t>& out);

/// The T-SQL expression (SQL Server 2016 and later) for those bytes of a column, a varbinary; NULL for NULL.
/// `quoted_column` is SQL: [name] or an expression without side effects, which may stand more than once in the result.
/// Independent of language, DATEFORMAT, collation and session settings.
std::string canonical_expression(CellKind kind, const TargetType& type, const std::string& quoted_column);

}  // namespace millrace::schema
