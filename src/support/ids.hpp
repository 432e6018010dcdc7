#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace millrace {

/// A position in PostgreSQL's write-ahead log, in bytes. Written as two hex halves, "16/B374D848" (pg_lsn).
class Lsn {
 public:
  constexpr Lsn() = default;
  constexpr explicit Lsn(std::uint64_t value) : value_(value) {}
  /// Parses PostgreSQL's text form. Returns nothing when the text is not one.
  static std::optional<Lsn> parse(std::string_view text);

  constexpr std::uint64_t value() const { return value_; }
  std::string to_string() const;
  friend constexpr auto operator<=>(Lsn, Lsn) = default;

 private:
  std::uint64_t value_ = 0;
};

/// PostgreSQL object id.
struct Oid {
  std::uint32_t value = 0;
  friend constexpr auto operator<=>(Oid, Oid) = default;
};

/// PostgreSQL transaction id (32 bits, wraps around).
struct Xid {
  std::uint32_t value = 0;
  friend constexpr bool operator==(Xid, Xid) = default;
};

}  // namespace millrace
