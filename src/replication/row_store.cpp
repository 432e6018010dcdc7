#include "replication/row_store.hpp"

#include <cstring>

namespace millrace::replication {

using pgoutput::Field;
using pgoutput::FieldKind;

namespace {

bool has_value(const Field& field) {
  return field.kind == FieldKind::kText || field.kind == FieldKind::kBinary;
}

/// Beside the kind: the value is where the view that follows says.
constexpr char kElsewhere = '\x40';

struct Elsewhere {
  std::string_view value;
  const MappedBytes* mapped;
};

std::size_t field_size(const Field& field) {
  return has_value(field) ? 1 + sizeof(std::uint32_t) + field.value.size() : 1;
}

/// Writes field_size() bytes and returns their end.
char* write_field(char* to, const Field& field) {
  *to++ = static_cast<char>(field.kind);
  if (!has_value(field)) return to;
  const auto length = static_cast<std::uint32_t>(field.value.size());
  std::memcpy(to, &length, sizeof(length));
  to += sizeof(length);
  if (length > 0) std::memcpy(to, field.value.data(), length);
  return to + length;
}

char* write_elsewhere(char* to, const Field& field) {
  *to++ = static_cast<char>(static_cast<char>(field.kind) | kElsewhere);
  const Elsewhere place{field.value, field.mapped};
  std::memcpy(to, &place, sizeof(place));
  return to + sizeof(place);
}

}  // namespace

void append_field(std::string& to, const Field& field) {
  const auto at = to.size();
  to.resize(at + field_size(field));
  write_field(to.data() + at, field);
}

RowStore::Offset RowStore::add(std::span<const Field> row) {
  const Offset at = data_.size();
  const auto count = static_cast<std::uint16_t>(row.size());
  std::size_t size = sizeof(count);
  for (const auto& field : row) size += field.mapped != nullptr ? 1 + sizeof(Elsewhere) : field_size(field);
  // Made longer once a row: field by field it costs more than all the rest of this.
  data_.resize(at + size);
  char* to = data_.data() + at;
  std::memcpy(to, &count, sizeof(count));
  to += sizeof(count);
  for (const auto& field : row) {
    if (field.mapped == nullptr) {
      to = write_field(to, field);
      continue;
    }
    to = write_elsewhere(to, field);
    long_bytes_ += field.value.size();
    if (files_.empty() || files_.back().get() != field.mapped) files_.push_back(field.mapped->shared_from_this());
  }
  return at;
}

void RowStore::read(Offset at, pgoutput::Tuple& row) const {
  const char* from = data_.data() + at;
  std::uint16_t count = 0;
  std::memcpy(&count, from, sizeof(count));
  from += sizeof(count);
  row.resize(count);
  for (auto& field : row) {
    const char kind = *from++;
    field.mapped = nullptr;
    if ((kind & kElsewhere) != 0) {
      Elsewhere place{};
      std::memcpy(&place, from, sizeof(place));
      from += sizeof(place);
      field = {static_cast<FieldKind>(kind & ~kElsewhere), place.value, place.mapped};
      continue;
    }
    field.kind = static_cast<FieldKind>(kind);
    field.value = {};
    if (field.kind != FieldKind::kText && field.kind != FieldKind::kBinary) continue;
    std::uint32_t length = 0;
    std::memcpy(&length, from, sizeof(length));
    from += sizeof(length);
    field.value = {from, length};
    from += length;
  }
}

void RowStore::clear() {
  data_.clear();
  files_.clear();
  long_bytes_ = 0;
}

}  // namespace millrace::replication
