#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "replication/latency_counts.hpp"
#include "server/live_numbers.hpp"
#include "server/pipeline_place.hpp"

namespace millrace::server {

/// The numbers as Prometheus text; the names are those of docs/reference/metrics.md and stay. Labels: tenant, pipeline,
/// and where a line says so health, connector or state; never a table: there may be thousands. At most 5,000 pipelines,
/// the first that are added; millrace_pipelines_left_out tells how many more there are. Not thread-safe.
class MetricsText {
 public:
  /// Takes what is told of the pipeline and no more, as it may be called while others wait for the numbers.
  void add(const PipelinePlace& place, const LiveNumbers& numbers);
  std::string text() const;

 private:
  static constexpr std::size_t kValues = 13;
  struct Pipeline {
    PipelinePlace place;
    std::array<std::optional<double>, kValues> values;
    Health health = Health::kUnknown;
    std::optional<SlotRisk> risk;
    replication::LatencyCounts latency;
    std::vector<std::pair<std::string, std::map<std::string, int>>> tasks;  ///< of each connector, by state
  };
  struct Family;
  static const std::array<Family, kValues>& families();

  std::vector<Pipeline> pipelines_;
  std::size_t left_out_ = 0;
};

}  // namespace millrace::server
