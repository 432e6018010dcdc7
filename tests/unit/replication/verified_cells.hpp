#pragma once

#include <cstdint>

#include "schema/cell.hpp"

namespace millrace::replication {

inline schema::Cell number(std::int64_t value) {
  schema::Cell cell;
  cell.null = false;
  cell.integer = value;
  return cell;
}

}  // namespace millrace::replication
