#include "store/metric_history.hpp"

#include <string>

namespace millrace::store {
namespace {

constexpr std::int64_t kSecondMs = 1000;
constexpr std::int64_t kHourMs = 3600 * kSecondMs;

/// One resolution: how long a sample stands for (0: as they come) and how long it is kept. A finer one is kept a
/// little longer than it is shown, so that a late roll-up loses nothing.
struct Tier {
  std::int64_t resolution_s;
  std::int64_t shown_ms;
  std::int64_t kept_ms;
};
constexpr Tier kRaw{0, kHourMs, 2 * kHourMs};
constexpr Tier kMinutes{60, 24 * kHourMs, 26 * kHourMs};
constexpr Tier kTenMinutes{600, 7 * 24 * kHourMs, 7 * 24 * kHourMs};

const Tier& tier_of(MetricHistory::Span span) {
  switch (span) {
    case MetricHistory::Span::kHour:
      return kRaw;
    case MetricHistory::Span::kDay:
      return kMinutes;
    case MetricHistory::Span::kWeek:
      break;
  }
  return kTenMinutes;
}

constexpr const char* kInsert =
    "INSERT INTO metric_samples (tenant, pipeline, resolution_s, time_ms, lag_bytes, lag_seconds, rows_per_second, "
    "bytes_per_second, retained_bytes, apply_ms) ";
constexpr const char* kReplace =
    " ON CONFLICT (tenant, pipeline, resolution_s, time_ms) DO UPDATE SET lag_bytes = excluded.lag_bytes, "
    "lag_seconds = excluded.lag_seconds, rows_per_second = excluded.rows_per_second, "
    "bytes_per_second = excluded.bytes_per_second, retained_bytes = excluded.retained_bytes, "
    "apply_ms = excluded.apply_ms";

/// From `from` to the coarser `to`: spans that have ended, from the newest one that is made (made anew, in case it
/// was made of a part) or, at first, from all that is there.
void roll(Session& session, const Tier& from, const Tier& to, std::int64_t now_ms) {
  const std::int64_t span = to.resolution_s * kSecondMs;
  const std::int64_t end = now_ms / span * span;
  const auto newest =
      session.query("SELECT COALESCE(max(time_ms), 0) FROM metric_samples WHERE resolution_s = ?", {to.resolution_s})
          .front()
          .integer(0);
  // The worst of lag and of retained WAL, the mean of the rest.
  session.execute(std::string(kInsert) +
                      "SELECT tenant, pipeline, CAST(? AS INTEGER), time_ms / ? * ? AS span, max(lag_bytes), "
                      "max(lag_seconds), avg(rows_per_second), avg(bytes_per_second), max(retained_bytes), "
                      "avg(apply_ms) FROM metric_samples WHERE resolution_s = ? AND time_ms >= ? AND time_ms < ? "
                      "GROUP BY tenant, pipeline, span" +
                      kReplace,
                  {to.resolution_s, span, span, from.resolution_s, newest, end});
}

void forget(Session& session, const Tier& tier, std::int64_t now_ms) {
  session.execute("DELETE FROM metric_samples WHERE resolution_s = ? AND time_ms < ?",
                  {tier.resolution_s, now_ms - tier.kept_ms});
}

}  // namespace

void MetricHistory::add(const std::string& tenant, const std::string& pipeline, const MetricSample& sample) {
  session_.execute(std::string(kInsert) + "VALUES (?, ?, 0, ?, ?, ?, ?, ?, ?, ?)" + kReplace,
                   {tenant, pipeline, sample.time_ms, value_of(sample.lag_bytes), value_of(sample.lag_seconds),
                    value_of(sample.rows_per_second), value_of(sample.bytes_per_second),
                    value_of(sample.retained_bytes), value_of(sample.apply_ms)});
}

std::vector<MetricSample> MetricHistory::read(const std::string& tenant, const std::string& pipeline, Span span,
                                              std::int64_t now_ms) {
  const auto& tier = tier_of(span);
  std::vector<MetricSample> samples;
  for (const auto& row : session_.query(
           "SELECT time_ms, lag_bytes, lag_seconds, rows_per_second, bytes_per_second, retained_bytes, apply_ms "
           "FROM metric_samples WHERE tenant = ? AND pipeline = ? AND resolution_s = ? AND time_ms > ? "
           "AND time_ms <= ? ORDER BY time_ms",
           {tenant, pipeline, tier.resolution_s, now_ms - tier.shown_ms, now_ms})) {
    samples.push_back({row.integer(0), row.optional_real(1), row.optional_real(2), row.optional_real(3),
                       row.optional_real(4), row.optional_real(5), row.optional_real(6)});
  }
  return samples;
}

void MetricHistory::roll_up(std::int64_t now_ms) {
  roll(session_, kRaw, kMinutes, now_ms);
  roll(session_, kMinutes, kTenMinutes, now_ms);
  for (const auto& tier : {kRaw, kMinutes, kTenMinutes}) forget(session_, tier, now_ms);
}

void MetricHistory::remove(const std::string& tenant, const std::string& pipeline) {
  session_.execute("DELETE FROM metric_samples WHERE tenant = ? AND pipeline = ?", {tenant, pipeline});
}

}  // namespace millrace::store
