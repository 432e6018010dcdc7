#include "server/recorder.hpp"

#include <algorithm>
#include <exception>
#include <utility>
#include <vector>

#include "support/retry.hpp"
#include "support/unix_time.hpp"

namespace millrace::server {
namespace {

constexpr Milliseconds kSampleTick{1000};
/// Samples stand at whole ones of these, so that each step of the history has exactly one.
constexpr std::int64_t kSampleMs = 10'000;
constexpr std::int64_t kRollUpMs = 60'000;

/// A count that began anew meanwhile counts from its beginning.
template <typename Count>
double rate(Count now, Count before, double seconds) {
  return static_cast<double>(now >= before ? now - before : now) / seconds;
}

}  // namespace

Recorder::Recorder(std::shared_ptr<store::Database> database, LiveBoard& board)
    : database_(std::move(database)), board_(board), thread_([this](const std::stop_token& stop) { run(stop); }) {}

Recorder::~Recorder() = default;

void Recorder::run(const std::stop_token& stop) {
  ClockPause pause;
  std::int64_t sampled = unix_ms() / kSampleMs;
  std::int64_t rolled = unix_ms() / kRollUpMs;
  while (pause.wait(kSampleTick, stop)) {
    board_.publish();
    const auto now = unix_ms();
    try {
      if (std::exchange(sampled, now / kSampleMs) != now / kSampleMs) sample(now / kSampleMs * kSampleMs);
      if (std::exchange(rolled, now / kRollUpMs) != now / kRollUpMs) {
        database_->write([now](store::Session& session) { store::MetricHistory(session).roll_up(now); });
      }
    } catch (const std::exception&) {
      // The history shows the gap; readiness tells that the store is away.
    }
  }
}

store::MetricSample Recorder::sample_of(const LiveNumbers& numbers, Before& before, std::int64_t now_ms) {
  store::MetricSample sample{.time_ms = now_ms};
  const double seconds = static_cast<double>(now_ms - before.time_ms) / kMsPerS;
  const bool known = before.time_ms != 0 && seconds > 0;
  before.time_ms = now_ms;
  if (numbers.slot) sample.retained_bytes = static_cast<double>(numbers.slot->retained_bytes);
  if (numbers.stream) {
    const auto& stream = *numbers.stream;
    sample.lag_bytes = static_cast<double>(stream.lag_bytes);
    sample.lag_seconds = stream.lag_s;
    const auto changes = std::exchange(before.changes, numbers.changes.value());
    const auto applied = std::exchange(before.applied, stream.applied.value());
    if (known) {
      sample.rows_per_second = rate(before.changes, changes, seconds);
      // Where streaming has just begun there is no position before.
      if (applied != 0) sample.bytes_per_second = rate(before.applied, std::min(applied, before.applied), seconds);
    }
    sample.apply_ms = numbers.latency.last_minute().quantile(0.5);
  } else {
    before.applied = 0;
  }
  if (numbers.loads) {
    const auto load = sum_load(numbers);
    const auto rows = std::exchange(before.load_rows, load.rows);
    const auto bytes = std::exchange(before.load_bytes, load.bytes);
    if (known) {
      sample.rows_per_second = sample.rows_per_second.value_or(0) + rate(load.rows, rows, seconds);
      sample.bytes_per_second = sample.bytes_per_second.value_or(0) + rate(load.bytes, bytes, seconds);
    }
  } else {
    before.load_rows = before.load_bytes = 0;
  }
  return sample;
}

void Recorder::sample(std::int64_t now_ms) {
  std::map<PipelinePlace, Before> before;
  std::vector<std::pair<PipelinePlace, store::MetricSample>> samples;
  board_.each([&](const PipelinePlace& place, const LiveNumbers& numbers) {
    auto known = before_.extract(place);
    if (!numbers.stream && !numbers.loads && !numbers.slot) {
      if (known) before.insert(std::move(known));
      return;
    }
    const auto entry = known ? before.insert(std::move(known)).position : before.try_emplace(place).first;
    samples.emplace_back(place, sample_of(numbers, entry->second, now_ms));
  });
  before_ = std::move(before);
  if (samples.empty()) return;
  database_->write([&](store::Session& session) {
    store::MetricHistory history(session);
    for (const auto& [place, sample] : samples) history.add(place.tenant, place.name, sample);
  });
}

}  // namespace millrace::server
