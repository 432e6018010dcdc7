#include "pgoutput/long_fields.hpp"

namespace millrace::pgoutput {

void mark_long_fields(Tuple& row, const MappedBytes* mapped) {
  if (mapped == nullptr) return;
  for (auto& field : row) {
    if (field.value.size() >= kLongField) field.mapped = mapped;
  }
}

void mark_long_fields(Message& message, const MappedBytes* mapped) {
  if (mapped == nullptr) return;
  if (auto* insert = std::get_if<Insert>(&message)) return mark_long_fields(insert->row, mapped);
  if (auto* removed = std::get_if<Delete>(&message)) return mark_long_fields(removed->old, mapped);
  if (auto* update = std::get_if<Update>(&message)) {
    mark_long_fields(update->old, mapped);
    mark_long_fields(update->row, mapped);
  }
}

}  // namespace millrace::pgoutput
