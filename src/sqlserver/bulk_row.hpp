#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sqlserver/bulk_writer.hpp"

namespace millrace::sqlserver {

/// Where one column of a bulk copy's row lies in memory, and how the driver is told.
struct BulkSlot {
  schema::CellKind kind{};
  int type = 0;              ///< BcpType
  bool by_pointer = false;   ///< (max): the driver reads the cell's own memory, length and pointer told row by row
  std::size_t offset = 0;    ///< of the length indicator; the data follows it
  std::size_t capacity = 0;  ///< bytes of data that have a place
  std::uint8_t precision = 0;
  std::uint8_t scale = 0;
};

/// One row in the driver's own shapes: before each value a 4-byte length, -1 for NULL. Bound once, filled row by
/// row. The memory never moves.
class BulkRow {
 public:
  static constexpr std::size_t kIndicatorBytes = 4;

  /// Throws kTableUnsupported as schema::cell_kind does.
  explicit BulkRow(const std::vector<BulkColumn>& columns);

  const std::vector<BulkSlot>& slots() const { return slots_; }
  const std::uint8_t* indicator(const BulkSlot& slot) const { return memory_.data() + slot.offset; }
  std::size_t data_bytes(const BulkSlot& slot) const { return slot.capacity; }

  /// Writes a cell into its slot, not for slots by pointer. False when it has no place there: a text or binary longer
  /// than its column, a day or a time out of range.
  bool fill(const BulkSlot& slot, const schema::Cell& cell);

 private:
  std::vector<BulkSlot> slots_;
  std::vector<std::uint8_t> memory_;
};

}  // namespace millrace::sqlserver
