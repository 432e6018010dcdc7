#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/sql.hpp"

namespace millrace::store {

/// One look at a pipeline. What is not known is left out.
struct MetricSample {
  std::int64_t time_ms = 0;
  std::optional<double> lag_bytes = {};
  std::optional<double> lag_seconds = {};
  std::optional<double> rows_per_second = {};
  std::optional<double> bytes_per_second = {};
  std::optional<double> retained_bytes = {};  ///< WAL that the slot holds back
  std::optional<double> apply_ms = {};        ///< mean time of an apply
};

/// Samples in three resolutions: as they come (kept 1 h), by minute (24 h), by ten minutes (7 d). Rolled-up rates and
/// apply_ms are means; lag and retained bytes are the worst of their span: a mean would hide the peak.
class MetricHistory {
 public:
  enum class Span { kHour, kDay, kWeek };

  explicit MetricHistory(Session& session) : session_(session) {}

  /// Samples with the time of one that is there replace it.
  void add(const std::string& tenant, const std::string& pipeline, const MetricSample& sample);
  /// Oldest first: the resolution of the span, from `now_ms` back.
  std::vector<MetricSample> read(const std::string& tenant, const std::string& pipeline, Span span,
                                 std::int64_t now_ms);
  /// Makes the coarser samples of every span that has ended and is not made yet, and forgets what is past its
  /// retention. To be called about once a minute; missed calls are made up for within the finer one's retention.
  void roll_up(std::int64_t now_ms);
  void remove(const std::string& tenant, const std::string& pipeline);

 private:
  Session& session_;
};

}  // namespace millrace::store
