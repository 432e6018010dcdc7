#include "replication/standalone_load.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "postgres/replication_connection.hpp"
#include "replication/apply_sql.hpp"
#include "replication/changed_tables.hpp"
#include "replication/poison.hpp"
#include "replication/run_reporter.hpp"
#include "replication/source_monitor.hpp"
#include "replication/table_loader.hpp"
#include "replication/table_swap.hpp"
#include "sqlserver/catalog.hpp"
#include "sqlserver/session.hpp"
#include "support/error.hpp"
#include "support/failpoint.hpp"
#include "support/retry.hpp"

namespace millrace::replication {
namespace {

constexpr int kMostAttempts = 10;  // without a table that was finished
constexpr Milliseconds kFirstLoadPause{500};
constexpr Milliseconds kLongestLoadPause{30'000};

Error refused_row(const TableBinding& table, std::string key_text, const Error& cause, const std::string& column) {
  auto error = poison_error({.source = table.source(),
                             .target = table.target(),
                             .op = "load",
                             .lsn = table.snapshot_lsn(),
                             .key_text = std::move(key_text),
                             .reason = cause.message()},
                            cause, column);
  return error.suggest(
      "Correct the row on the source, change what refuses it on the target, or leave the column out; then create the "
      "pipeline again.");
}

/// An interval as Debezium writes it: every part, zeros too. A row would else change its text with its first change.
std::string interval_text(const std::string& column) {
  const auto name = schema::quote_pg(column);
  std::string parts;
  for (const char* part : {"year", "month", "day", "hour", "minute"}) {
    parts += fmt::format(", extract({} FROM {})::bigint", part, name);
  }
  return fmt::format(
      "CASE WHEN isfinite({0}) THEN format('P%sY%sM%sDT%sH%sM%sS'{1}, trim_scale(extract(second FROM {0})::numeric)) "
      "ELSE {0}::text END",
      name, parts);
}

std::map<std::size_t, std::string> connector_texts(const TableBinding& table) {
  std::map<std::size_t, std::string> texts;
  for (std::size_t i = 0; i < table.columns().size(); ++i) {
    const auto& column = table.columns()[i].mapping.source;
    if (column.type.name == "interval" && !column.type.is_array) texts[i] = interval_text(column.name);
  }
  return texts;
}

/// Lines for people out of what a load tells.
class Lines : public RunObserver {
 public:
  explicit Lines(const LoadWatch& watch) : watch_(watch) {}

  void event(const RunEvent& event) override { say((event.table.empty() ? "" : event.table + ": ") + event.message); }

  void load_progress(const std::vector<TableProgress>& tables) override {
    const auto now = std::chrono::steady_clock::now();
    if (now - last_ < kInterval) return;
    last_ = now;
    std::int64_t rows = 0;
    double speed = 0;
    for (const auto& table : tables) {
      rows += table.rows;
      speed += table.rows_per_s;
    }
    say(fmt::format("loading: {} rows, {:.0f} rows/s", rows, speed));
  }

  void stream_progress(const StreamProgress&) override {}

 private:
  static constexpr std::chrono::seconds kInterval{10};

  void say(const std::string& line) const {
    if (watch_.say) watch_.say(line);
  }

  const LoadWatch& watch_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

class Loading {
 public:
  Loading(const StandaloneLoad& load, const LoadWatch& watch)
      : load_(load), watch_(watch), lines_(watch), reporter_(lines_) {
    for (const auto& plan : load_.tables) {
      tables_.push_back({std::make_shared<TableBinding>(load_.pipeline, TableShape{plan, stream_key(plan), 1},
                                                        schema::ValuePolicy::kFail, ApplyMode::kNet)});
    }
  }

  void run(const std::stop_token& stop) {
    ClockPause pause;
    Backoff backoff(kFirstLoadPause, kLongestLoadPause);
    int in_vain = 0;
    while (true) {
      const auto done = finished();
      try {
        return attempt(stop);
      } catch (const Error& error) {
        reporter_.idle();
        const auto* refused = dynamic_cast<const sqlserver::QueryError*>(&error);
        // Once more, slowly: so the row to blame is found and named.
        if (refused != nullptr && row_refused(*refused) && !std::exchange(careful_, true)) continue;
        in_vain = finished() > done ? 1 : in_vain + 1;
        if (!error.retriable() || in_vain >= kMostAttempts || stop.stop_requested()) throw;
        reporter_.event({RunEvent::Severity::kWarning, "retry", error.context().table,
                         "the load begins anew: " + error.message(), ""});
      }
      if (!pause.wait(backoff.next(), stop)) throw Error(ErrorCode::kInterrupted, "The load was stopped.");
    }
  }

 private:
  struct Table {
    std::shared_ptr<TableBinding> binding;
    bool begun = false;  ///< what it holds is ours
    bool swaps = false;  ///< it keeps its rows until the table that is loaded beside takes its place
    bool finished = false;
  };

  std::int64_t finished() const {
    return std::count_if(tables_.begin(), tables_.end(), [](const Table& table) { return table.finished; });
  }

  void attempt(const std::stop_token& stop) {
    sqlserver::Session target(load_.target);
    target_ = &target;
    take_lock();
    std::vector<TableLoad> loads;
    std::vector<TableProgress> progress;
    std::vector<std::shared_ptr<LoadCounters>> counters;
    for (auto& table : tables_) {
      if (table.finished) continue;
      TableLoad load{.table = table.binding, .texts = connector_texts(*table.binding)};
      load.prepare = [this, &table] { prepare(table); };
      load.finished = [this, &table](std::int64_t rows) { finish(table, rows); };
      load.unfit = [&binding = *table.binding](const pgoutput::Tuple& row, const Error& error) {
        throw refused_row(binding, key_text_of(binding, row), error, error.context().column);
      };
      counters.push_back(load.counters);
      progress.push_back({.table = table.binding->source().to_string(),
                          .state = "pending",
                          .estimated_rows = table.binding->plan().source.estimated_rows});
      loads.push_back(std::move(load));
    }
    reporter_.loading(std::move(progress), std::move(counters));
    // From before the snapshot on: making it waits for every transaction that is open, and WAL piles up meanwhile.
    SourceMonitors monitors;
    const SourceMonitor monitor(monitors, load_.source, load_.slot,
                                {.position = [](Lsn) {},
                                 .slot = [](const SlotProgress&) {},
                                 .at_risk =
                                     [this](const std::string& text, bool) {
                                       reporter_.event({RunEvent::Severity::kWarning, "slot.at_risk", "", text, ""});
                                     }});
    // Its snapshot lives as long as this connection.
    postgres::ReplicationConnection exporter(load_.source);
    const auto exported =
        exporter.create_temporary_slot(fmt::format("{}_load_{}", load_.slot.substr(0, 40), getpid()), stop);
    for (const auto& table : tables_) {
      if (!table.finished) table.binding->set_snapshot_lsn(exported.consistent_point);
    }
    hit(Failpoint::kLoadSnapshot);
    refuse_changed_tables(load_.source, loads);
    copy(loads, exported.snapshot, stop);
  }

  void copy(std::vector<TableLoad>& loads, const std::string& snapshot, const std::stop_token& stop) {
    const RowRefused refused = [](const TableBinding& table, const std::vector<schema::Cell>& row,
                                  const sqlserver::QueryError& error) {
      throw refused_row(table, key_text_of(table, row), error, blamed_column(table, error.message()));
    };
    try {
      load_tables(load_.source, snapshot, loads,
                  careful_ ? careful_row_writers(load_.target, refused) : bulk_row_writers(load_.target),
                  {.workers = load_.workers, .committing = [this] { require_lock(); }}, stop);
    } catch (const Error& error) {
      // Columns that are gone, or bytes of another type: the table changed behind the first look.
      if (!error.retriable()) refuse_changed_tables(load_.source, loads);
      throw;
    }
  }

  /// Called by workers, one at a time.
  void prepare(Table& table) {
    const std::lock_guard lock(mutex_);
    const auto& name = table.binding->target();
    const bool holds_rows = !target_->query("SELECT TOP (1) 1 FROM " + schema::quote_mssql(name)).empty();
    if (holds_rows && !table.begun && load_.policy == LoadPolicy::kFail) {
      throw Error(ErrorCode::kTargetDrift, "The target table " + name.to_string() + " is not empty.",
                  {.table = table.binding->source().to_string()})
          .suggest("Empty it, or let the load do so: --load-policy truncate.");
    }
    drop_beside(*target_, load_.pipeline, table.binding->source(), name);
    table.binding->set_load_target(std::nullopt);
    table.swaps = holds_rows && load_.policy == LoadPolicy::kSwap && !table.begun;
    if (table.swaps) {
      require_swappable(*target_, table.binding->plan());
      return make_beside(*target_, load_.pipeline, *table.binding);
    }
    const bool referenced = !sqlserver::read_obstacles(*target_, name).referencing_keys.empty();
    if (!std::exchange(table.begun, true) && watch_.filling) watch_.filling(name, referenced);
    if (holds_rows) target_->execute(truncate_sql(name, referenced).text);
  }

  /// Called by workers.
  void finish(Table& table, std::int64_t rows) {
    const std::lock_guard lock(mutex_);
    if (table.swaps) {
      if (watch_.filling) watch_.filling(table.binding->target(), false);
      target_->execute("SET XACT_ABORT ON; BEGIN TRANSACTION;");
      target_->execute(swap_sql(*table.binding));
      target_->execute("COMMIT TRANSACTION; SET XACT_ABORT OFF;");
    }
    table.finished = true;
    const auto name = table.binding->source().to_string();
    reporter_.table_state(name, "ready");
    reporter_.event({RunEvent::Severity::kInfo, "load.table_finished", name, fmt::format("{} rows loaded", rows), ""});
  }

  /// A load that is asleep while its pipeline is deleted and made again must not go on writing: its successor waits
  /// until it is gone.
  void take_lock() {
    constexpr int kWaitMs = 60'000;
    const auto got = target_->query(
        fmt::format("SET NOCOUNT ON; DECLARE @r int; EXEC @r = sp_getapplock @Resource = ?, @LockMode = 'Exclusive', "
                    "@LockOwner = 'Session', @LockTimeout = {}; SELECT @r",
                    kWaitMs),
        {"millrace.load." + load_.pipeline});
    if (!got.empty() && std::stoi(got.at(0).at(0).value_or("-1")) >= 0) return;
    throw Error(ErrorCode::kTargetBusy, "Another process loads the tables of a pipeline of this name.",
                {.pipeline = load_.pipeline})
        .suggest("It ends by itself when it goes on; one that hangs has to be ended.");
  }

  /// The lock lives as long as its session: one that was lost fails here.
  void require_lock() {
    const std::lock_guard lock(mutex_);
    target_->query("SELECT 1");
  }

  const StandaloneLoad& load_;
  const LoadWatch& watch_;
  Lines lines_;
  RunReporter reporter_;
  std::mutex mutex_;                      ///< the session below is used by all workers
  sqlserver::Session* target_ = nullptr;  ///< of the attempt that is under way
  std::vector<Table> tables_;
  bool careful_ = false;
};

}  // namespace

void load_standalone(const StandaloneLoad& load, const LoadWatch& watch, const std::stop_token& stop) {
  if (!load.tables.empty()) Loading(load, watch).run(stop);
}

}  // namespace millrace::replication
