#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "replication/verify_hash.hpp"

namespace millrace::replication {

/// A row's key: the canonical bytes of its columns, in key order; nothing: NULL. Empty: not known, or no key.
using RowKey = std::vector<std::optional<std::string>>;

/// All rows of one identity on one side (more than one only without key).
struct Print {
  std::int64_t rows = 0;
  std::uint64_t content = 0;  ///< sum of the content hashes
  std::uint64_t version = 0;  ///< sum of the versions; 0 on the target
  std::uint64_t unfit = 0;

  void add(const RowHash& hash) {
    ++rows;
    content += static_cast<std::uint64_t>(hash.content);
  }
  bool same_content(const Print& other) const { return rows == other.rows && content == other.content; }
  friend bool operator==(const Print&, const Print&) = default;
};

/// An identity whose rows differ, with what the last look saw.
struct Suspect {
  Print source{};
  Print target{};
  RowKey key{};  ///< filled in when rows of the table are sought by key
};
using Suspects = std::unordered_map<std::int64_t, Suspect>;

/// What a look at a suspect, after an earlier one, says.
enum class Finding {
  kEqual,      ///< the target has what the source has
  kDifferent,  ///< the source held the same row at both looks, and the target something else, the same, at both
  kChanging    ///< one of them changed: it takes another look
};
/// The target was read after its checkpoint had passed the source's look before it. So when the source did not change
/// from one look to the next, what the target held at the first one had to be that row; that it was seen twice makes
/// sure of rows that came and went on the source between the looks, which leave no trace in them.
Finding judge(const Suspect& before, const Suspect& now);

}  // namespace millrace::replication
