#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "pgoutput/messages.hpp"
#include "support/mapped_bytes.hpp"

namespace millrace::replication {

/// Rows of a batch as PostgreSQL sent them, one behind the other in one block of memory. A row is a list of fields:
/// kind, and for values length and bytes. Long values that lie in a mapped file stay there, and the file with them.
/// Views read from it live until the next add() or clear(). Not thread-safe.
class RowStore {
 public:
  using Offset = std::uint64_t;
  static constexpr Offset kNone = ~Offset{0};

  Offset add(std::span<const pgoutput::Field> row);
  void read(Offset at, pgoutput::Tuple& row) const;
  /// Also those in files.
  std::size_t bytes() const { return data_.size() + long_bytes_; }
  void clear();

 private:
  std::string data_;
  std::vector<std::shared_ptr<const MappedBytes>> files_;
  std::size_t long_bytes_ = 0;
};

/// Appends the field in the store's form: equal bytes, equal field.
void append_field(std::string& to, const pgoutput::Field& field);

}  // namespace millrace::replication
