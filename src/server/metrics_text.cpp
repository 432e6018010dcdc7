#include "server/metrics_text.hpp"
#include "support/unix_time.hpp"

#include <fmt/format.h>

#include <array>
#include <functional>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

namespace millrace::server {
namespace {

/// About 20 series each: what a Prometheus server takes from one target without trouble.
constexpr std::size_t kMostPipelines = 5000;

/// Label values of Prometheus' text format.
std::string label(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\' || c == '"') escaped += '\\';
    escaped += c == '\n' ? ' ' : c;
  }
  return escaped;
}

std::string labels_of(const PipelinePlace& place) {
  return fmt::format("tenant=\"{}\",pipeline=\"{}\"", label(place.tenant), label(place.name));
}

bool moves(const LiveNumbers& numbers) {
  return numbers.health == Health::kRunning || numbers.health == Health::kLoading;
}

/// The labels of a pipeline, made once for all of its lines, and its numbers.
using Told = std::vector<std::pair<std::string, const LiveNumbers*>>;

using Value = std::function<std::optional<double>(const LiveNumbers&)>;

struct Family {
  const char* name;
  const char* type;
  const char* help;
  Value value;  ///< none: the pipeline has no line
};

const std::array<Family, 13>& families() {
  static const std::array<Family, 13> kFamilies{{
      {"millrace_pipeline_running", "gauge", "Whether data moves: a load or the stream is under way",
       [](const LiveNumbers& n) { return moves(n) ? 1.0 : 0.0; }},
      {"millrace_pipeline_lag_bytes", "gauge", "WAL of the source that is not applied",
       [](const LiveNumbers& n) -> std::optional<double> {
         if (!n.stream) return std::nullopt;
         return static_cast<double>(n.stream->lag_bytes);
       }},
      {"millrace_pipeline_lag_seconds", "gauge", "Age of the oldest commit that waits to be applied; 0: none waits",
       [](const LiveNumbers& n) { return n.stream ? n.stream->lag_s : std::nullopt; }},
      {"millrace_pipeline_changes_total", "counter", "Changes applied since the server runs the pipeline",
       [](const LiveNumbers& n) { return static_cast<double>(n.changes.value()); }},
      {"millrace_pipeline_transactions_total", "counter", "Source transactions applied since the server runs it",
       [](const LiveNumbers& n) { return static_cast<double>(n.transactions.value()); }},
      {"millrace_pipeline_failures_total", "counter", "Runs that ended with an error",
       [](const LiveNumbers& n) { return static_cast<double>(n.failures); }},
      {"millrace_pipeline_restarts_total", "counter", "Runs begun again after an error",
       [](const LiveNumbers& n) { return static_cast<double>(n.restarts); }},
      {"millrace_pipeline_retries_total", "counter", "Attempts within runs that failed and were tried again",
       [](const LiveNumbers& n) { return static_cast<double>(n.retries); }},
      {"millrace_pipeline_tables", "gauge", "Tables that the pipeline carries",
       [](const LiveNumbers& n) { return static_cast<double>(n.tables.size()); }},
      {"millrace_pipeline_tables_ready", "gauge", "Tables that are loaded",
       [](const LiveNumbers& n) { return static_cast<double>(n.tables_ready()); }},
      {"millrace_pipeline_load_rows", "gauge", "Rows copied by the load that is under way",
       [](const LiveNumbers& n) -> std::optional<double> {
         if (!n.loads) return std::nullopt;
         return static_cast<double>(sum_load(n).rows);
       }},
      {"millrace_slot_retained_bytes", "gauge", "WAL that the source keeps for the pipeline's slot",
       [](const LiveNumbers& n) -> std::optional<double> {
         if (!n.slot) return std::nullopt;
         return static_cast<double>(n.slot->retained_bytes);
       }},
      {"millrace_slot_safe_bytes", "gauge", "WAL that may be written before PostgreSQL gives the slot up",
       [](const LiveNumbers& n) -> std::optional<double> {
         if (!n.slot || !n.slot->safe_bytes) return std::nullopt;
         return static_cast<double>(*n.slot->safe_bytes);
       }},
  }};
  return kFamilies;
}

void head(std::string& text, const char* name, const char* type, const char* help) {
  text += fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n", name, type, help);
}

void health(std::string& text, const Told& all) {
  head(text, "millrace_pipeline_health", "gauge", "1 for the health that the pipeline has now");
  for (const auto& [labels, numbers] : all) {
    text += fmt::format("millrace_pipeline_health{{{},health=\"{}\"}} 1\n", labels, to_word(numbers->health));
  }
}

void slot_risk(std::string& text, const Told& all) {
  head(text, "millrace_slot_risk", "gauge", "0 fine, 1 warning, 2 close to being given up, 3 lost");
  for (const auto& [labels, numbers] : all) {
    if (numbers->slot) {
      text += fmt::format("millrace_slot_risk{{{}}} {}\n", labels, static_cast<int>(risk_of(*numbers->slot)));
    }
  }
}

void latency(std::string& text, const Told& all) {
  constexpr const char* kName = "millrace_pipeline_commit_latency_seconds";
  head(text, kName, "histogram", "From a commit on the source until it can be seen on the target");
  for (const auto& [labels, numbers] : all) {
    const auto counts = numbers->latency.all();
    if (counts.total() == 0) continue;
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < replication::LatencyCounts::kBoundsMs.size(); ++i) {
      sum += counts.counts[i];
      text += fmt::format("{}_bucket{{{},le=\"{}\"}} {}\n", kName, labels,
                          replication::LatencyCounts::kBoundsMs[i] / kMsPerS, sum);
    }
    text += fmt::format("{}_bucket{{{},le=\"+Inf\"}} {}\n", kName, labels, counts.total());
    text += fmt::format("{}_sum{{{}}} {}\n", kName, labels, counts.sum_ms / kMsPerS);
    text += fmt::format("{}_count{{{}}} {}\n", kName, labels, counts.total());
  }
}

void connectors(std::string& text, const Told& all) {
  head(text, "millrace_connector_tasks", "gauge", "Tasks of a Kafka Connect connector, by state");
  for (const auto& [labels, numbers] : all) {
    for (const auto& connector : numbers->connectors) {
      std::map<std::string, int> states;
      for (const auto& task : connector.tasks) ++states[task.state];
      for (const auto& [state, count] : states) {
        text += fmt::format("millrace_connector_tasks{{{},connector=\"{}\",state=\"{}\"}} {}\n", labels,
                            label(connector.name), label(state), count);
      }
    }
  }
}

}  // namespace

std::string metrics_text(std::map<PipelinePlace, LiveNumbers> all) {
  std::string text;
  const auto left_out = all.size() > kMostPipelines ? all.size() - kMostPipelines : 0;
  if (left_out > 0) all.erase(std::next(all.begin(), kMostPipelines), all.end());
  head(text, "millrace_pipelines_left_out", "gauge", "Pipelines beyond the number that one scrape tells of");
  text += fmt::format("millrace_pipelines_left_out {}\n", left_out);
  Told told;
  told.reserve(all.size());
  for (const auto& [place, numbers] : all) told.emplace_back(labels_of(place), &numbers);
  for (const auto& family : families()) {
    head(text, family.name, family.type, family.help);
    for (const auto& [labels, numbers] : told) {
      if (const auto value = family.value(*numbers)) {
        fmt::format_to(std::back_inserter(text), "{}{{{}}} {}\n", family.name, labels, *value);
      }
    }
  }
  health(text, told);
  slot_risk(text, told);
  latency(text, told);
  connectors(text, told);
  return text;
}

}  // namespace millrace::server
