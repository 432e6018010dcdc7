#pragma once

#include <cstdint>

namespace millrace::replication {

/// How often each kind of change came, as the source made them.
struct ChangeCounts {
  std::uint64_t inserts = 0;
  std::uint64_t updates = 0;
  std::uint64_t deletes = 0;
  std::uint64_t truncates = 0;

  ChangeCounts& operator+=(const ChangeCounts& other) {
    inserts += other.inserts;
    updates += other.updates;
    deletes += other.deletes;
    truncates += other.truncates;
    return *this;
  }
};

}  // namespace millrace::replication
