#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace millrace::replication {

/// Sums of 64-bit hashes: 2^63 rows fit.
__extension__ using Int128 = __int128;

/// Rows are compared in buckets by the low bits of their identity's hash, and not in ranges of their keys, since only
/// so both servers put the same row into the same bucket whatever the key's type: a range needs an order that is the
/// same on both sides, and SQL Server's orders of texts (UTF-16 units), uniqueidentifier (by groups of bytes from the
/// end) and padded texts are not PostgreSQL's. The hash is over canonical bytes, the same bits on both sides; every
/// row is in exactly one bucket, also rows that only one side has, and equal rows are in the same one. Neither side
/// sorts: both read each table once. Buckets with other counts or sums are then read row by row.
struct BucketTotal {
  std::int64_t rows = 0;
  Int128 sum = 0;  ///< of the content hashes, as signed numbers
  friend bool operator==(const BucketTotal&, const BucketTotal&) = default;
};
using BucketTotals = std::vector<BucketTotal>;

/// A power of two: about 32 rows a bucket, so that few changed rows make few rows to be read again; at least 1,024,
/// at most 65,536.
std::uint32_t bucket_count(std::int64_t estimated_rows);

inline std::uint32_t bucket_of(std::int64_t identity, std::uint32_t buckets) {
  return static_cast<std::uint32_t>(static_cast<std::uint64_t>(identity) & (buckets - 1));
}
/// The same in T-SQL; & keeps the low bits of negative numbers too, as both use two's complement.
std::string bucket_sql(const std::string& identity, std::uint32_t buckets);

/// A decimal number as SQL Server prints decimal(38,0). Throws Error kInternal when it is none.
Int128 parse_int128(const std::string& text);

/// Differing buckets, in groups that are read in one go: at most `most_rows` rows of both sides together (or a single
/// bucket) and `most_buckets` buckets each.
std::vector<std::vector<std::uint32_t>> differing_groups(const BucketTotals& source, const BucketTotals& target,
                                                         std::int64_t most_rows = 200'000,
                                                         std::size_t most_buckets = 1000);

}  // namespace millrace::replication
