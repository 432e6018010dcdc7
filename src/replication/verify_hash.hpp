#pragma once

#include <sodium.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "replication/table_binding.hpp"
#include "schema/cell.hpp"

namespace millrace::replication {

/// What a row is compared by: the first 8 bytes (big-endian, signed) of SHA-256 over the row's encoding.
/// The encoding of some columns, one after the other: 0x00 for NULL; else 0x01, for types of varying length the
/// length in bytes as 4 bytes big-endian, and the value's canonical bytes (schema/cell_text.hpp).
/// No two different rows have the same encoding: each part tells where it ends.
struct RowHash {
  std::int64_t identity = 0;  ///< over the key's columns, in key order; without key the same as content
  std::int64_t content = 0;   ///< over all columns
};

/// Hashes rows of one table on the source's side. Not thread-safe.
class RowHasher {
 public:
  explicit RowHasher(const TableBinding& table);
  /// `cells` in the binding's order; their long values are read piece by piece. `unfit`: some value has no place on the
  /// target; the content's hash is then one that no row of the target has.
  RowHash hash(const std::vector<schema::Cell>& cells, bool unfit = false);

 private:
  void begin();
  std::int64_t finish();
  void append(const std::vector<schema::Cell>& cells, std::size_t column);
  void flush();

  const TableBinding& table_;
  crypto_hash_sha256_state state_;
  std::vector<std::uint8_t> bytes_;  ///< not yet in the state
};

/// The same on the target: T-SQL over the alias `t` of the table. Expressions of type bigint.
std::string identity_sql(const TableBinding& table);
std::string content_sql(const TableBinding& table);

/// The canonical bytes of one column of `t`, hexadecimal, as varchar(max); NULL for NULL.
std::string column_hex_sql(const TableBinding& table, std::size_t column);

/// One cell's canonical bytes; nothing for NULL.
std::optional<std::string> canonical(const TableBinding& table, std::size_t column, const schema::Cell& cell);
/// The way back, for bytes that a server gave. Throws Error kInternal when they are no such value.
schema::Cell canonical_cell(schema::CellKind kind, std::string_view bytes);
/// "00FF" -> bytes. Throws Error kInternal.
std::string from_hex(std::string_view text);

}  // namespace millrace::replication
