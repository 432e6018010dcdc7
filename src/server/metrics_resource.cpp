#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "server/api_json.hpp"
#include "server/pipeline_lookup.hpp"
#include "server/query.hpp"
#include "server/routes.hpp"
#include "store/metric_history.hpp"
#include "support/unix_time.hpp"

namespace millrace::server {
namespace {

using nlohmann::ordered_json;
using store::MetricHistory;
using store::MetricSample;

struct Range {
  const char* word;
  MetricHistory::Span span;
  std::int64_t step_s;
  std::int64_t steps;
};
constexpr std::array<Range, 3> kRanges{{{"1h", MetricHistory::Span::kHour, 10, 360},
                                        {"24h", MetricHistory::Span::kDay, 60, 1440},
                                        {"7d", MetricHistory::Span::kWeek, 600, 1008}}};

struct Series {
  const char* name;
  std::optional<double> MetricSample::*value;
};
constexpr std::array<Series, 6> kSeries{{{"lagBytes", &MetricSample::lag_bytes},
                                         {"lagS", &MetricSample::lag_seconds},
                                         {"changesPerS", &MetricSample::rows_per_second},
                                         {"bytesPerS", &MetricSample::bytes_per_second},
                                         {"retainedBytes", &MetricSample::retained_bytes},
                                         {"latencyMs", &MetricSample::apply_ms}}};

}  // namespace

Response pipeline_metrics_handler(const Call& call) {
  const auto word = word_parameter(call.request, "range", {"1h", "24h", "7d"});
  const auto& range =
      *std::find_if(kRanges.begin(), kRanges.end(), [&](const auto& each) { return each.word == word; });
  const auto workspace = call.workspace();
  const auto name = existing_pipeline(call);
  const auto now = unix_ms();
  const auto samples = workspace.database->read(
      [&](store::Session& session) { return MetricHistory(session).read(workspace.tenant, name, range.span, now); });

  // One place a step, also where nothing is known: a gap is drawn as a gap.
  const std::int64_t step_ms = range.step_s * kMsPerS;
  // A span of the coarser ones is known when it has ended.
  const bool ends_open = range.span == MetricHistory::Span::kHour;
  const std::int64_t first = (now / step_ms - range.steps + (ends_open ? 1 : 0)) * step_ms;
  std::vector<const MetricSample*> places(static_cast<std::size_t>(range.steps), nullptr);
  for (const auto& sample : samples) {
    const auto place = (sample.time_ms - first) / step_ms;
    if (sample.time_ms >= first && place < range.steps) places[static_cast<std::size_t>(place)] = &sample;
  }
  ordered_json times = ordered_json::array();
  for (std::int64_t i = 0; i < range.steps; ++i) times.push_back(rfc3339(first + i * step_ms));
  ordered_json series = ordered_json::object();
  for (const auto& one : kSeries) {
    ordered_json values = ordered_json::array();
    for (const auto* sample : places) {
      const auto value = sample == nullptr ? std::nullopt : sample->*one.value;
      values.push_back(value ? ordered_json(*value) : ordered_json(nullptr));
    }
    series[one.name] = std::move(values);
  }
  return json_response({{"pipeline", name},
                        {"range", word},
                        {"from", rfc3339(first)},
                        {"to", rfc3339(first + (range.steps - 1) * step_ms)},
                        {"stepS", range.step_s},
                        {"times", std::move(times)},
                        {"series", std::move(series)}});
}

}  // namespace millrace::server
