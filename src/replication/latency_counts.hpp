#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace millrace::replication {

/// How long source transactions took from their commit until they could be seen on the target, counted by size.
/// A value: two of them subtract to what came between.
struct LatencyCounts {
  /// Upper bounds of the buckets in milliseconds; one more bucket is for what is longer.
  static constexpr std::array<double, 15> kBoundsMs{1,   2,    5,    10,   20,    50,    100,   200,
                                                    500, 1000, 2000, 5000, 10000, 60000, 600000};
  std::array<std::uint64_t, kBoundsMs.size() + 1> counts{};
  double sum_ms = 0;

  void add(double ms) {
    const auto bucket = std::lower_bound(kBoundsMs.begin(), kBoundsMs.end(), ms) - kBoundsMs.begin();
    ++counts[static_cast<std::size_t>(bucket)];
    sum_ms += ms;
  }
  std::uint64_t total() const {
    std::uint64_t sum = 0;
    for (const auto count : counts) sum += count;
    return sum;
  }
  LatencyCounts since(const LatencyCounts& earlier) const {
    LatencyCounts between = *this;
    for (std::size_t i = 0; i < counts.size(); ++i) between.counts[i] -= std::min(counts[i], earlier.counts[i]);
    between.sum_ms = std::max(0.0, sum_ms - earlier.sum_ms);
    return between;
  }
  /// The latency that `share` (0 to 1) of them did not exceed, straight within a bucket; none: nothing was counted.
  std::optional<double> quantile(double share) const {
    const auto all = total();
    if (all == 0) return std::nullopt;
    const double wanted = share * static_cast<double>(all);
    double below = 0;
    for (std::size_t i = 0; i < kBoundsMs.size(); ++i) {
      const auto count = static_cast<double>(counts[i]);
      if (count > 0 && below + count >= wanted) {
        const double low = i == 0 ? 0 : kBoundsMs[i - 1];
        return low + (kBoundsMs[i] - low) * (wanted - below) / count;
      }
      below += count;
    }
    return kBoundsMs.back();
  }
};

}  // namespace millrace::replication
