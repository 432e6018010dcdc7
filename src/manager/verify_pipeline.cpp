#include "manager/verify_pipeline.hpp"

#include <chrono>

#include "manager/plan_pipeline.hpp"
#include "manager/run_facts.hpp"
#include "manager/run_pipeline.hpp"
#include "replication/embedded_engine.hpp"
#include "support/error.hpp"
#include "support/unix_time.hpp"

namespace millrace::manager {
namespace {

/// A run that nobody watches: only what goes wrong is told.
class QuietRun : public replication::RunObserver {
 public:
  explicit QuietRun(const pipeline::Progress& progress) : progress_(progress) {}
  void event(const replication::RunEvent& event) override {
    if (event.severity == replication::RunEvent::Severity::kInfo || !progress_) return;
    progress_(event.table.empty() ? event.message : event.table + ": " + event.message);
  }
  void load_progress(const std::vector<replication::TableProgress>&) override {}
  void stream_progress(const replication::StreamProgress&) override {}

 private:
  const pipeline::Progress& progress_;
};

}  // namespace

replication::VerifyHooks verify_hooks(Registry& registry, const EngineFactory& engines, const StoredPipeline& stored,
                                      const pipeline::Progress& progress) {
  if (!engines(stored.spec)->traits(stored.spec).runs_in_process) {
    throw Error(ErrorCode::kPipelineState, "A pipeline that Kafka Connect carries cannot be compared.",
                {.pipeline = stored.name})
        .suggest("Its copy has no place in the source's WAL that could be waited for.");
  }
  replication::VerifyHooks hooks;
  hooks.progress = progress;
  hooks.runs = [&]() -> std::optional<bool> {
    const auto run = registry.runs().find(stored.name);
    if (!run) return std::nullopt;
    if (run->ended_ms) return false;
    // One that left without a word may have been started anew from elsewhere: the target knows.
    return alive(*run, unix_ms()) ? std::optional(true) : std::nullopt;
  };
  hooks.catch_up = [&](const std::stop_token& token) {
    if (progress) progress("nobody runs the pipeline: catches up first");
    QuietRun observer(progress);
    const auto end = run_pipeline(registry, engines, stored.name, {.until_caught_up = true}, observer, token);
    if (end == RunEnd::kCaughtUp || end == RunEnd::kStopped) return;
    throw Error(ErrorCode::kPipelineState, "The pipeline was paused or deleted while it was compared.",
                {.pipeline = stored.name});
  };
  return hooks;
}

std::vector<replication::TableVerdict> verify_pipeline(Registry& registry, const EngineFactory& engines,
                                                       const StoredPipeline& stored,
                                                       const replication::VerifySettings& settings,
                                                       const pipeline::Progress& progress,
                                                       const std::stop_token& stop) {
  const auto hooks = verify_hooks(registry, engines, stored, progress);
  return replication::verify_pipeline(replication::make_run_plan(stored_plan(stored)), settings, hooks, stop);
}

}  // namespace millrace::manager
