#include "manager/run_pipeline.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "manager/change_tables.hpp"
#include "manager/plan_pipeline.hpp"
#include "manager/run_facts.hpp"
#include "manager/shared_run_watch.hpp"
#include "manager/table_renames.hpp"
#include "replication/embedded_engine.hpp"
#include "replication/event_log.hpp"
#include "replication/runner.hpp"
#include "replication/table_changes.hpp"
#include "schema/table_selection.hpp"
#include "support/error.hpp"
#include "support/retry.hpp"

namespace millrace::manager {
namespace {

using replication::RunEvent;

constexpr Milliseconds kGraceLook{1000};
constexpr Milliseconds kFirstPause{500};
constexpr Milliseconds kLongestPause{60'000};
constexpr Milliseconds kLoginPause{60'000};
/// How long after a failure a change of the pipeline may still explain it.
constexpr Milliseconds kGrace{2000};

/// Passes everything on, and keeps the newest numbers for the signs of life. Thread-safe.
class Keeper : public replication::RunObserver {
 public:
  explicit Keeper(replication::RunObserver& inner) : inner_(inner) {}

  void event(const RunEvent& event) override {
    const std::lock_guard lock(mutex_);
    inner_.event(event);
  }
  void load_progress(const std::vector<replication::TableProgress>& tables) override {
    const std::lock_guard lock(mutex_);
    latest_ = {tables, std::nullopt};
    text_.reset();
    inner_.load_progress(tables);
  }
  void stream_progress(const replication::StreamProgress& progress) override {
    const std::lock_guard lock(mutex_);
    latest_ = {{}, progress};
    text_.reset();
    inner_.stream_progress(progress);
    if (progress.caught_up && !std::exchange(said_caught_up_, true)) {
      inner_.event(
          {RunEvent::Severity::kInfo, "stream.caught_up", "", "Real-time CDC active.", progress.applied.to_string()});
    }
  }
  void slot_progress(const replication::SlotProgress& progress) override {
    const std::lock_guard lock(mutex_);
    inner_.slot_progress(progress);
  }
  std::string latest() {
    const std::lock_guard lock(mutex_);
    // Asked for every few seconds, and of a stream that rests the same each time.
    if (!text_) text_ = to_json_text(latest_);
    return *text_;
  }

 private:
  std::mutex mutex_;
  replication::RunObserver& inner_;
  RunProgress latest_;
  std::optional<std::string> text_;  ///< of them, once somebody has asked
  bool said_caught_up_ = false;
};

class Run {
 public:
  Run(Registry& registry, const EngineFactory& engines, std::string name, const RunRequest& request,
      replication::RunObserver& observer, const std::stop_token& stop)
      : registry_(registry),
        engines_(engines),
        name_(std::move(name)),
        request_(request),
        keeper_(observer),
        stop_(stop) {
    if (request_.sessions != nullptr) sessions_.emplace(*request_.sessions, registry_.workspace().tenant);
  }

  RunEnd run() {
    StoredPipeline stored = registry_.load(name_);
    refuse(stored);
    begin();
    while (true) {
      const auto failure = attempt(stored);
      const bool renamed = follow_renamed();
      bool came = add_new_tables(stored) || renamed;
      if (!untold_.empty()) {
        load_anew(stored);
        came = true;
      }
      if (failure) {
        if (stop_.stop_requested() && failure->code() == ErrorCode::kInterrupted) return end(RunEnd::kStopped);
        if (!changed_within(stored.revision, kGrace)) fail(*failure);
      } else if (stop_.stop_requested()) {
        return end(RunEnd::kStopped);
      } else if (registry_.revision(name_) == stored.revision && !came) {
        return end(RunEnd::kCaughtUp);
      }
      // The pipeline was changed while it ran.
      const auto now = reload();
      if (!now || now->state == "deleting") return end(RunEnd::kDeleted);
      if (now->state == "paused") return end(RunEnd::kPaused);
      stored = *now;
      tell(RunEvent::Severity::kInfo, "pipeline.changed", "", "the pipeline was changed: goes on with what is stored");
    }
  }

 private:
  using Names = std::vector<std::pair<schema::TableName, schema::TableName>>;

  void refuse(const StoredPipeline& stored) const {
    if (!engines_(stored.spec)->traits(stored.spec).runs_in_process) {
      throw Error(ErrorCode::kPipelineState, "The pipeline " + name_ + " is carried by Kafka Connect.",
                  {.pipeline = name_})
          .suggest("It runs by itself: `millrace status " + name_ + "` shows it.");
    }
    if (stored.state == "active") return;
    Error error(ErrorCode::kPipelineState, "The pipeline " + name_ + " is in state " + stored.state + ".",
                {.pipeline = name_});
    throw error.suggest(stored.state == "paused" ? "`millrace resume " + name_ + "` lets it go on."
                                                 : "`millrace delete " + name_ + "` removes what is left of it.");
  }

  void begin() {
    const auto before = registry_.runs().find(name_);
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    if (before && alive(*before, std::chrono::duration_cast<Milliseconds>(now).count())) {
      tell(RunEvent::Severity::kWarning, "run.takeover", "",
           "another process seems to run this pipeline (" + before->process + "): it will be fenced off");
    }
    registry_.runs().begin(name_, process_);
    tell(RunEvent::Severity::kInfo, "run.started", "",
         "runs pipeline " + name_ + "; Ctrl-C stops it, and the next run goes on from there");
  }

  RunWatch& watch() {
    if (request_.watch != nullptr) return *request_.watch;
    if (!own_watch_) own_watch_.emplace(registry_.workspace().database);
    return *own_watch_;
  }

  /// Nothing: it ended in order. Faults that pass by themselves are waited out here and in the runner.
  std::optional<Error> attempt(const StoredPipeline& stored) {
    std::stop_source source;
    const std::stop_callback forward(stop_, [&] { source.request_stop(); });
    const replication::RunOptions options{
        .until_caught_up = request_.until_caught_up,
        .wants_table = [&](const schema::TableName& table) { return wants(stored, table); },
        .table_came =
            [&](const schema::TableName& table) {
              new_tables_.insert(table);
              source.request_stop();
            },
        .monitors = request_.monitors,
        .ticker = request_.ticker,
        .starts = request_.starts,
        .sessions = sessions_ ? &*sessions_ : nullptr,
        .tables_renamed = [&](const Names& names) { renamed_.push_back(names); },
        .renames_applied =
            [&] {
              renames_applied_ = true;
              source.request_stop();
            },
        .load_anew = [&](const schema::TableName& table, const std::string& why) { untold_[table] = why; },
        .fence = &fence_};
    const auto watched = watch().watch({.tenant = registry_.workspace().tenant,
                                        .pipeline = name_,
                                        .revision = stored.revision,
                                        .process = process_,
                                        .progress = [this] { return keeper_.latest(); },
                                        .changed = [&source] { source.request_stop(); }});
    Backoff backoff(kFirstPause, kLongestPause);
    ClockPause pause;
    while (true) {
      std::optional<replication::RunPlan> plan;
      try {
        if (follow_renames(registry_, name_)) return std::nullopt;
        std::optional<replication::Starts::Turn> turn;
        if (request_.starts != nullptr) {
          turn.emplace(*request_.starts, replication::start_key(stored.spec.source, stored.spec.target),
                       source.get_token());
        }
        plan = plan_run(stored);
        signed_in_ = true;
      } catch (const Error& error) {
        // A password that was right is waited for, as the runner does; one that never was is somebody's mistake.
        const bool refused = error.code() == ErrorCode::kSourceAuth || error.code() == ErrorCode::kTargetAuth;
        const bool slowly = refused && signed_in_ && !request_.until_caught_up;
        if (!error.retriable() && !slowly) return error;
        tell(RunEvent::Severity::kWarning, "retry", error.context().table, error.message());
        if (!pause.wait(slowly ? kLoginPause : backoff.next(), source.get_token())) return std::nullopt;
        continue;
      }
      try {
        replication::run_pipeline(*plan, options, keeper_, source.get_token());
        return std::nullopt;
      } catch (const Error& error) {
        if (error.code() == ErrorCode::kRowsUntold) return std::nullopt;
        if (error.code() != ErrorCode::kPlanOutdated) return error;
        // Short: the other tables' stream stands still meanwhile. It went on before, for longer than this.
        if (!pause.wait(kFirstPause, source.get_token())) return std::nullopt;
      }
    }
  }

  /// One of the pipeline's by its list of tables, but not yet; somebody who took it out, or whom it could not be added
  /// for, is not asked again.
  bool wants(const StoredPipeline& stored, const schema::TableName& table) {
    const auto& resources = stored.resources;
    const auto is = [&](const schema::TableName& name) { return name == table; };
    const auto carried = [&](schema::TableName name) {
      for (const auto& names : renamed_) {
        const auto found =
            std::find_if(names.begin(), names.end(), [&](const auto& rename) { return rename.first == name; });
        if (found != names.end()) name = found->second;
      }
      return name == table;
    };
    if (refused_tables_.contains(table) || std::any_of(resources.removed.begin(), resources.removed.end(), is) ||
        std::any_of(resources.routes.begin(), resources.routes.end(),
                    [&](const TableRoute& route) { return carried(route.source); })) {
      return false;
    }
    const auto& words = stored.spec.tables;
    if (std::none_of(words.begin(), words.end(),
                     [&](const auto& word) { return schema::selects(word, stored.spec.source.schema, table); })) {
      return false;
    }
    const auto& routes = resources.routes;
    if (std::none_of(routes.begin(), routes.end(), [&](const TableRoute& route) { return is(route.source); }))
      return true;
    in_place_.insert(table);
    return false;
  }

  /// The attempt has ended for them, so that the next one knows them by their names. What cannot be stored now is
  /// stored when that begins. False: none was renamed.
  bool follow_renamed() {
    renamed_.clear();
    auto in_place = std::exchange(in_place_, {});
    if (!renames_applied_.exchange(false)) return false;
    new_tables_.merge(in_place);
    try {
      follow_renames(registry_, name_);
    } catch (const Error& error) {
      if (!error.retriable()) throw;
    }
    return true;
  }

  /// The attempt has ended for them, and the next one knows them. False: none came.
  bool add_new_tables(const StoredPipeline& stored) {
    const auto came = std::exchange(new_tables_, {});
    for (const auto& table : came) {
      try {
        const auto now = registry_.load(name_);
        auto spec = now.spec;
        spec.tables = {schema::quote_pg(table)};
        add_tables(registry_, *engines_(spec), now, spec, {}, stop_);
        tell(RunEvent::Severity::kInfo, "table.added", table.to_string(),
             "came on the source, and is carried from now on");
        tell(RunEvent::Severity::kInfo, "schema.applied", table.to_string(),
             "table made on the source; it is loaded and carried");
      } catch (const Error& error) {
        if (error.retriable() || stored.revision != registry_.revision(name_)) continue;  // met again
        refused_tables_.insert(table);
        tell(RunEvent::Severity::kWarning, "table.not_added", table.to_string(),
             "came on the source and cannot be carried: " + error.message() + " `millrace add-tables` takes it in.");
      }
    }
    return !came.empty();
  }

  /// The attempt has ended for them, and the next one loads them beside the stream. A table that cannot be loaded anew
  /// without somebody's word stops the pipeline in front of the change.
  void load_anew(const StoredPipeline& stored) {
    for (const auto& [table, why] : std::exchange(untold_, {})) {
      const auto now = reload();
      if (!now || now->state != "active" || now->revision != stored.revision) return;  // met again
      replication::EventLog log(keeper_, now->spec.target, name_, sessions_ ? &*sessions_ : nullptr);
      try {
        reload_table(registry_, *engines_(now->spec), *now, schema::quote_pg(table), {}, stop_,
                     ReloadReason::kSchemaChange);
        log.event({RunEvent::Severity::kWarning, "schema.applied", table.to_string(),
                   why + " The table is loaded anew.", ""});
      } catch (const Error& error) {
        if (error.retriable() || error.code() == ErrorCode::kInterrupted) return;
        const auto text = why + " It is not loaded anew by itself: " + error.message();
        log.event({RunEvent::Severity::kError, "schema.stopped", table.to_string(), text, ""});
        Error refusal(ErrorCode::kSchemaChanged, text, {.pipeline = name_, .table = table.to_string()});
        refusal.suggest("Load the table anew: `millrace reload " + name_ + " " + table.to_string() + "`.");
        log.event({RunEvent::Severity::kError, "failed", table.to_string(), text, "", std::string(refusal.info().id)});
        fail(refusal);
      }
    }
  }

  /// Tables that were never loaded go by the source's catalog of now, the others by their stored shape.
  replication::RunPlan plan_run(const StoredPipeline& stored) {
    auto plan = stored_plan(stored);
    plan.tables.clear();
    std::vector<schema::TableName> unloaded;
    for (const auto& table : replication::read_progress(stored.spec.target, name_).tables) {
      if (table.state != "ready" && table.state != "removed") unloaded.push_back(table.source);
    }
    if (!unloaded.empty()) {
      std::vector<schema::TableName> gone;
      plan.tables = plan_unloaded(stored, unloaded, gone);
      for (const auto& table : gone) {
        tell(RunEvent::Severity::kWarning, "table.gone", table.to_string(),
             "is not on the source any more and was never loaded: it is left out until `millrace reload`");
      }
      if (!gone.empty()) replication::leave_out_tables(stored.spec.target, name_, gone);
    }
    return replication::make_run_plan(plan);
  }

  bool changed_within(std::int64_t revision, Milliseconds time) {
    ClockPause pause;
    for (Milliseconds waited{0};; waited += kGraceLook) {
      if (registry_.revision(name_) != revision) return true;
      if (waited >= time || !pause.wait(kGraceLook, stop_)) return false;
    }
  }

  std::optional<StoredPipeline> reload() {
    try {
      return registry_.load(name_);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kPipelineNotFound) return std::nullopt;
      throw;
    }
  }

  RunEnd end(RunEnd how) {
    registry_.runs().end(name_, process_, "");
    return how;
  }

  [[noreturn]] void fail(const Error& error) {
    registry_.runs().end(name_, process_, to_json_text(error));
    throw Error(error);
  }

  void tell(RunEvent::Severity severity, const std::string& kind, const std::string& table,
            const std::string& message) {
    keeper_.event({severity, kind, table, message, ""});
  }

  Registry& registry_;
  const EngineFactory& engines_;
  std::string name_;
  RunRequest request_;
  std::optional<pipeline::TenantSessions> sessions_;
  Keeper keeper_;
  const std::stop_token& stop_;
  std::optional<SharedRunWatch> own_watch_;
  std::int64_t fence_ = 0;  ///< kept over plans: this process takes the pipeline over once
  bool signed_in_ = false;
  std::set<schema::TableName> new_tables_;  ///< that came in the last attempt
  /// Renames that the attempt has read, in their order; by its reading thread.
  std::vector<Names> renamed_;
  /// New tables by the names of renamed ones, which they get when these have given them up; by its reading thread.
  std::set<schema::TableName> in_place_;
  std::atomic<bool> renames_applied_{false};    ///< by its applying thread: some of them are on the target
  std::set<schema::TableName> refused_tables_;  ///< of those: that could not be added
  /// Whose rows changed in a way that the last attempt could not follow, and how; by its reading thread.
  std::map<schema::TableName, std::string> untold_;
  std::string process_ = this_process();
};

}  // namespace

RunEnd run_pipeline(Registry& registry, const EngineFactory& engines, const std::string& name,
                    const RunRequest& request, replication::RunObserver& observer, const std::stop_token& stop) {
  return Run(registry, engines, name, request, observer, stop).run();
}

}  // namespace millrace::manager
