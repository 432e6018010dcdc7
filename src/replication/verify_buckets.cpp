#include "replication/verify_buckets.hpp"

#include <fmt/format.h>

#include "support/error.hpp"

namespace millrace::replication {

std::uint32_t bucket_count(std::int64_t estimated_rows) {
  constexpr std::int64_t kRowsPerBucket = 32;
  constexpr std::uint32_t kFewest = 1024;
  constexpr std::uint32_t kMost = 65'536;
  std::uint32_t count = kFewest;
  while (count < kMost && count * kRowsPerBucket < estimated_rows) count *= 2;
  return count;
}

std::string bucket_sql(const std::string& identity, std::uint32_t buckets) {
  return fmt::format("CONVERT(int, {} & {})", identity, buckets - 1);
}

Int128 parse_int128(const std::string& text) {
  Int128 value = 0;
  const bool negative = !text.empty() && text.front() == '-';
  const std::size_t begin = negative ? 1 : 0;
  bool good = text.size() > begin && text.size() <= begin + 38;
  for (std::size_t i = begin; good && i < text.size(); ++i) {
    good = text[i] >= '0' && text[i] <= '9';
    value = value * 10 + (text[i] - '0');
  }
  if (!good) throw Error(ErrorCode::kInternal, "The target gave a sum of hashes that is no whole number.");
  return negative ? -value : value;
}

std::vector<std::vector<std::uint32_t>> differing_groups(const BucketTotals& source, const BucketTotals& target,
                                                         std::int64_t most_rows, std::size_t most_buckets) {
  std::vector<std::vector<std::uint32_t>> groups;
  std::int64_t rows = 0;
  for (std::uint32_t bucket = 0; bucket < source.size(); ++bucket) {
    if (source[bucket] == target[bucket]) continue;
    const auto here = source[bucket].rows + target[bucket].rows;
    if (groups.empty() || rows + here > most_rows || groups.back().size() >= most_buckets) {
      groups.emplace_back();
      rows = 0;
    }
    groups.back().push_back(bucket);
    rows += here;
  }
  return groups;
}

}  // namespace millrace::replication
