#include "replication/row_store.hpp"

#include <cstring>

namespace millrace::replication {

using pgoutput::Field;
using pgoutput::FieldKind;

void append_field(std::string& to, const Field& field) {
  to.push_back(static_cast<char>(field.kind));
  if (field.kind != FieldKind::kText && field.kind != FieldKind::kBinary) return;
  const auto length = static_cast<std::uint32_t>(field.value.size());
  char bytes[sizeof(length)];
  std::memcpy(bytes, &length, sizeof(length));
  to.append(bytes, sizeof(length));
  to.append(field.value);
}

RowStore::Offset RowStore::add(std::span<const Field> row) {
  const Offset at = data_.size();
  const auto count = static_cast<std::uint16_t>(row.size());
  char bytes[sizeof(count)];
  std::memcpy(bytes, &count, sizeof(count));
  data_.append(bytes, sizeof(count));
  for (const auto& field : row) append_field(data_, field);
  return at;
}

void RowStore::read(Offset at, pgoutput::Tuple& row) const {
  const char* from = data_.data() + at;
  std::uint16_t count = 0;
  std::memcpy(&count, from, sizeof(count));
  from += sizeof(count);
  row.resize(count);
  for (auto& field : row) {
    field.kind = static_cast<FieldKind>(*from++);
    field.value = {};
    if (field.kind != FieldKind::kText && field.kind != FieldKind::kBinary) continue;
    std::uint32_t length = 0;
    std::memcpy(&length, from, sizeof(length));
    from += sizeof(length);
    field.value = {from, length};
    from += length;
  }
}

}  // namespace millrace::replication
