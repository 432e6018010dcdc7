#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "replication/net_changes.hpp"
#include "replication/table_binding.hpp"
#include "schema/cell.hpp"
#include "schema/target_table.hpp"

namespace millrace::replication {

/// A stage table's columns: batch (bigint), seq (bigint: the row's place in the batch), op (NetOp), mask (int: which
/// columns were not sent, see StageRows), o1.. (the key before the change, in key order), c1.. (all columns, in the
/// binding's order). All but the first four are nullable; none is unique.
struct StageColumn {
  std::string name;
  schema::TargetType type;
  std::string collation;
};
std::vector<StageColumn> stage_columns(const TableBinding& table);
/// For its integer columns.
inline void set_integer(schema::Cell& cell, std::int64_t value) {
  cell.null = false;
  cell.integer = value;
}

/// CREATE TABLE of the stage, a heap.
std::string create_stage_sql(const TableBinding& table);

/// What becomes of long values that lie in a mapped file (pgoutput::Field::mapped).
enum class LongValues {
  kWhole,    ///< the cell holds them in its memory
  kInPieces  ///< Cell::long_value, where the column's type allows it: for cells that a bulk copy writes at once
};

/// Turns changes into stage rows and numbers the sets of columns that were not sent. Not thread-safe.
class StageRows {
 public:
  explicit StageRows(const TableBinding& table);

  /// The row's cells, in the order of stage_columns(). They live until the next call. Throws ValueError with table,
  /// column and, when it can be told, the key in a note.
  const std::vector<schema::Cell>& encode(std::int64_t batch, std::int64_t seq, const NetChange& change,
                                          LongValues long_values = LongValues::kWhole);

  /// The column sets by mask number; 0 is the empty set.
  const std::vector<std::vector<bool>>& masks() const { return masks_; }
  void clear_masks();

 private:
  int mask_of(const pgoutput::Tuple& row);

  const TableBinding& table_;
  std::vector<schema::Cell> cells_;
  std::vector<std::vector<bool>> masks_;
};

/// One field as a cell of its column. kUnchanged becomes NULL. Throws ValueError naming table and column.
void encode_field(const TableBinding& table, std::size_t column, const pgoutput::Field& field, schema::Cell& cell,
                  LongValues long_values = LongValues::kWhole);

/// The key's values as text, "id=17, part=a": for errors and quarantine. Never throws for the values.
std::string key_text(const TableBinding& table, const pgoutput::Tuple& key_fields);

}  // namespace millrace::replication
