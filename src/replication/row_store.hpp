#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "pgoutput/messages.hpp"

namespace millrace::replication {

/// Rows of a batch as PostgreSQL sent them, one behind the other in one block of memory. A row is a list of fields:
/// kind, and for values length and bytes. Views read from it live until the next add() or clear(). Not thread-safe.
class RowStore {
 public:
  using Offset = std::uint64_t;
  static constexpr Offset kNone = ~Offset{0};

  Offset add(std::span<const pgoutput::Field> row);
  void read(Offset at, pgoutput::Tuple& row) const;
  std::size_t bytes() const { return data_.size(); }
  void clear() { data_.clear(); }

 private:
  std::string data_;
};

/// Appends the field in the store's form: equal bytes, equal field.
void append_field(std::string& to, const pgoutput::Field& field);

}  // namespace millrace::replication
