#include "replication/former_columns.hpp"

#include "replication/shape_json.hpp"

namespace millrace::replication {

std::vector<schema::TargetColumn> former_columns(const std::string& shape, const schema::TargetTable& planned,
                                                 const schema::TargetTable& actual) {
  std::vector<schema::TargetColumn> former;
  if (shape.empty()) return former;
  const auto before = parse_shape(shape).plan.target;
  if (before.name != planned.name) return former;
  for (const auto& column : before.columns) {
    const bool gone = planned.find_column(column.name) == nullptr;
    if (gone && actual.find_column(column.name) != nullptr) former.push_back(column);
  }
  return former;
}

}  // namespace millrace::replication
