#include "replication/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "replication/shape_json.hpp"
#include "replication/stage_cleanup.hpp"
#include "replication/verify_repair.hpp"
#include "replication/verify_table.hpp"
#include "sqlserver/state_tables.hpp"
#include "support/error.hpp"

namespace millrace::replication {
namespace {

bool meant(const std::vector<std::string>& wanted, const schema::TableName& table) {
  return std::any_of(wanted.begin(), wanted.end(),
                     [&](const std::string& name) { return name == table.to_string() || name == table.name; });
}

std::vector<sqlserver::TableState> choose(std::vector<sqlserver::TableState> states,
                                          const std::vector<std::string>& wanted) {
  std::erase_if(states, [](const auto& state) { return state.state == "removed"; });
  for (const auto& name : wanted) {
    const bool known =
        std::any_of(states.begin(), states.end(), [&](const auto& state) { return meant({name}, state.source); });
    if (known) continue;
    throw Error(ErrorCode::kTableNotFound, "The pipeline has no table " + name + ".", {.table = name})
        .suggest("`millrace status` lists its tables.");
  }
  if (!wanted.empty()) std::erase_if(states, [&](const auto& state) { return !meant(wanted, state.source); });
  return states;
}

class Verification {
 public:
  Verification(const RunPlan& plan, const VerifySettings& settings, const VerifyHooks& hooks, std::stop_token stop)
      : plan_(plan),
        settings_(settings),
        hooks_(hooks),
        stop_(std::move(stop)),
        position_(plan, hooks),
        target_(plan.target),
        cancel_(stop_, Cancel{target_}) {
    // Rows may be locked for as long as a batch takes; in a deadlock the stream goes first.
    target_.set_lock_timeout(std::chrono::milliseconds(-1));
    target_.execute("SET DEADLOCK_PRIORITY LOW");
  }

  std::vector<TableVerdict> run() {
    // What is not loaded yet is loaded by that, when nobody else does.
    position_.wait(position_.mark(), stop_);
    std::vector<TableVerdict> verdicts;
    for (const auto& state : choose(sqlserver::read_table_states(target_, plan_.pipeline), settings_.tables)) {
      verdicts.push_back(verify(state));
    }
    return verdicts;
  }

 private:
  struct Cancel {
    sqlserver::Session& session;
    void operator()() const { session.cancel(); }
  };

  void tell(const std::string& line) const {
    if (hooks_.progress) hooks_.progress(line);
  }

  TableVerdict verify(const sqlserver::TableState& state) {
    const auto begun = std::chrono::steady_clock::now();
    TableVerdict verdict{.source = state.source, .target = state.target};
    verdict.loaded = state.state == "ready";
    if (verdict.loaded) {
      try {
        compare(state, verdict);
      } catch (const Error& error) {
        // What ends a statement that a stop has cancelled is the stop.
        if (!stop_.stop_requested()) throw;
        throw Error(ErrorCode::kInterrupted, "The comparison was stopped.").because(error.message());
      }
    }
    verdict.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    return verdict;
  }

  void compare(const sqlserver::TableState& state, TableVerdict& verdict) {
    const TableBinding table(verify_stage_owner(plan_.pipeline), parse_shape(state.shape), plan_.value_policy,
                             ApplyMode::kNet);
    const auto estimate = std::max(table.plan().source.estimated_rows, state.loaded_rows);
    tell("compares " + verdict.source.to_string());
    TableComparison comparison(plan_, table, position_, target_, stop_);
    TargetRows rows(target_, table, comparison.by_key());
    const auto list = [&](const Suspects& different) {
      const auto room = settings_.max_report - std::min(settings_.max_report, verdict.rows.size());
      for (auto& row : describe(table, different, comparison.source(), rows, room, stop_)) {
        verdict.rows.push_back(std::move(row));
      }
    };
    if (!settings_.repair) return comparison.compare(estimate, verdict, list);

    std::unique_ptr<TableRepair> repair;
    std::int64_t repaired = 0;
    comparison.compare(estimate, verdict, [&](const Suspects& different) {
      list(different);
      if (!repair) repair = std::make_unique<TableRepair>(plan_, table, comparison.source(), comparison.by_key());
      repaired += repair->repair(different, stop_);
    });
    if (!repair) return;
    tell(fmt::format("wrote {} row(s) of {}; compares again", repaired, verdict.source.to_string()));
    TableVerdict after{.source = verdict.source, .target = verdict.target};
    after.repaired = repaired;
    after.repaired_rows = std::exchange(verdict.rows, {});
    verdict = std::move(after);
    comparison.compare(estimate, verdict, list);
  }

  const RunPlan& plan_;
  const VerifySettings& settings_;
  const VerifyHooks& hooks_;
  std::stop_token stop_;
  StreamPosition position_;
  sqlserver::Session target_;
  std::stop_callback<Cancel> cancel_;
};

}  // namespace

const char* to_string(RowFault fault) {
  switch (fault) {
    case RowFault::kMissing:
      return "missing";
    case RowFault::kExtra:
      return "extra";
    case RowFault::kDifferent:
      return "different";
  }
  return "different";
}

const char* result_word(const TableVerdict& verdict) {
  if (!verdict.loaded) return "not loaded";
  return verdict.equal() ? "equal" : "different";
}

std::vector<TableVerdict> verify_pipeline(const RunPlan& plan, const VerifySettings& settings, const VerifyHooks& hooks,
                                          const std::stop_token& stop) {
  return Verification(plan, settings, hooks, stop).run();
}

}  // namespace millrace::replication
