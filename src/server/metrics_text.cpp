#include "server/metrics_text.hpp"

#include <fmt/format.h>

#include <iterator>

#include "support/unix_time.hpp"

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

template <typename... Values>
void line(std::string& text, fmt::format_string<Values...> format, Values&&... values) {
  fmt::format_to(std::back_inserter(text), format, std::forward<Values>(values)...);
}

void head(std::string& text, const char* name, const char* type, const char* help) {
  line(text, "# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

void histogram(std::string& text, const char* name, const std::string& labels,
               const replication::LatencyCounts& counts) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < replication::LatencyCounts::kBoundsMs.size(); ++i) {
    sum += counts.counts[i];
    line(text, "{}_bucket{{{},le=\"{}\"}} {}\n", name, labels, replication::LatencyCounts::kBoundsMs[i] / kMsPerS, sum);
  }
  line(text, "{}_bucket{{{},le=\"+Inf\"}} {}\n", name, labels, counts.total());
  line(text, "{}_sum{{{}}} {}\n", name, labels, counts.sum_ms / kMsPerS);
  line(text, "{}_count{{{}}} {}\n", name, labels, counts.total());
}

}  // namespace

struct MetricsText::Family {
  const char* name;
  const char* type;
  const char* help;
  std::optional<double> (*value)(const LiveNumbers&);  ///< none: the pipeline has no line
};

const std::array<MetricsText::Family, MetricsText::kValues>& MetricsText::families() {
  static const std::array<Family, kValues> kFamilies{{
      {"millrace_pipeline_running", "gauge", "Whether data moves: a load or the stream is under way",
       [](const LiveNumbers& n) -> std::optional<double> { return moves(n) ? 1.0 : 0.0; }},
      {"millrace_pipeline_lag_bytes", "gauge", "WAL of the source that is not applied",
       [](const LiveNumbers& n) -> std::optional<double> {
         if (!n.stream) return std::nullopt;
         return static_cast<double>(n.stream->lag_bytes);
       }},
      {"millrace_pipeline_lag_seconds", "gauge", "Age of the oldest commit that waits to be applied; 0: none waits",
       [](const LiveNumbers& n) -> std::optional<double> { return n.stream ? n.stream->lag_s : std::nullopt; }},
      {"millrace_pipeline_changes_total", "counter", "Changes applied since the server runs the pipeline",
       [](const LiveNumbers& n) -> std::optional<double> { return static_cast<double>(n.changes.value()); }},
      {"millrace_pipeline_transactions_total", "counter", "Source transactions applied since the server runs it",
       [](const LiveNumbers& n) -> std::optional<double> { return static_cast<double>(n.transactions.value()); }},
      {"millrace_pipeline_failures_total", "counter", "Runs that ended with an error",
       [](const LiveNumbers& n) -> std::optional<double> { return static_cast<double>(n.failures); }},
      {"millrace_pipeline_restarts_total", "counter", "Runs begun again after an error",
       [](const LiveNumbers& n) -> std::optional<double> { return static_cast<double>(n.restarts); }},
      {"millrace_pipeline_retries_total", "counter", "Attempts within runs that failed and were tried again",
       [](const LiveNumbers& n) -> std::optional<double> { return static_cast<double>(n.retries); }},
      {"millrace_pipeline_tables", "gauge", "Tables that the pipeline carries",
       [](const LiveNumbers& n) -> std::optional<double> { return static_cast<double>(n.tables.size()); }},
      {"millrace_pipeline_tables_ready", "gauge", "Tables that are loaded",
       [](const LiveNumbers& n) -> std::optional<double> { return static_cast<double>(n.tables_ready()); }},
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

void MetricsText::add(const PipelinePlace& place, const LiveNumbers& numbers) {
  if (pipelines_.size() == kMostPipelines) {
    ++left_out_;
    return;
  }
  auto& one = pipelines_.emplace_back(Pipeline{.place = place, .health = numbers.health});
  for (std::size_t i = 0; i < kValues; ++i) one.values[i] = families()[i].value(numbers);
  if (numbers.slot) one.risk = risk_of(*numbers.slot);
  one.latency = numbers.latency.all();
  for (const auto& connector : numbers.connectors) {
    auto& states = one.tasks.emplace_back(connector.name, std::map<std::string, int>{}).second;
    for (const auto& task : connector.tasks) ++states[task.state];
  }
}

std::string MetricsText::text() const {
  std::string text;
  head(text, "millrace_pipelines_left_out", "gauge", "Pipelines beyond the number that one scrape tells of");
  line(text, "millrace_pipelines_left_out {}\n", left_out_);
  std::vector<std::string> labels;
  labels.reserve(pipelines_.size());
  for (const auto& pipeline : pipelines_) labels.push_back(labels_of(pipeline.place));
  const auto each = [&](const char* name, const char* type, const char* help, const auto& tell) {
    head(text, name, type, help);
    for (std::size_t i = 0; i < pipelines_.size(); ++i) tell(pipelines_[i], labels[i]);
  };
  for (std::size_t i = 0; i < kValues; ++i) {
    const auto& family = families()[i];
    each(family.name, family.type, family.help, [&](const Pipeline& one, const std::string& its) {
      if (const auto& value = one.values[i]) line(text, "{}{{{}}} {}\n", family.name, its, *value);
    });
  }
  each("millrace_pipeline_health", "gauge", "1 for the health that the pipeline has now",
       [&](const Pipeline& one, const std::string& its) {
         line(text, "millrace_pipeline_health{{{},health=\"{}\"}} 1\n", its, to_word(one.health));
       });
  each("millrace_slot_risk", "gauge", "0 fine, 1 warning, 2 close to being given up, 3 lost",
       [&](const Pipeline& one, const std::string& its) {
         if (one.risk) line(text, "millrace_slot_risk{{{}}} {}\n", its, static_cast<int>(*one.risk));
       });
  constexpr const char* kLatency = "millrace_pipeline_commit_latency_seconds";
  each(kLatency, "histogram", "From a commit on the source until it can be seen on the target",
       [&](const Pipeline& one, const std::string& its) {
         if (one.latency.total() > 0) histogram(text, kLatency, its, one.latency);
       });
  each("millrace_connector_tasks", "gauge", "Tasks of a Kafka Connect connector, by state",
       [&](const Pipeline& one, const std::string& its) {
         for (const auto& [connector, states] : one.tasks) {
           for (const auto& [state, count] : states) {
             line(text, "millrace_connector_tasks{{{},connector=\"{}\",state=\"{}\"}} {}\n", its, label(connector),
                  label(state), count);
           }
         }
       });
  return text;
}

}  // namespace millrace::server
