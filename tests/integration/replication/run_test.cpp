#include "replication/runner.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "lab_target.hpp"
#include "postgres/catalog.hpp"
#include "postgres/lab_postgres.hpp"
#include "postgres/slot.hpp"
#include "replication/table_changes.hpp"
#include "schema/target_ddl.hpp"
#include "schema/type_mapping.hpp"

namespace millrace::replication {
namespace {

/// Counts events, and looks at all that it is told, as observers do.
class Watcher : public RunObserver {
 public:
  void event(const RunEvent& event) override {
    const std::lock_guard lock(mutex_);
    kinds_.insert(event.kind);
    changed_.notify_all();
    if (event.severity != RunEvent::Severity::kInfo) faults_.push_back(event.kind + ": " + event.message);
  }
  void load_progress(const std::vector<TableProgress>& tables) override {
    for (const auto& table : tables) rows_ += table.rows;
  }
  void stream_progress(const StreamProgress& progress) override {
    const std::lock_guard lock(mutex_);
    changes_ = progress.changes;
    changed_.notify_all();
  }

  bool told(const std::string& kind) {
    const std::lock_guard lock(mutex_);
    return kinds_.contains(kind);
  }
  std::vector<std::string> faults() {
    const std::lock_guard lock(mutex_);
    return faults_;
  }
  /// False when it is not so within two minutes.
  bool wait(const std::string& kind, std::uint64_t changes) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::minutes(2),
                             [&] { return kinds_.contains(kind) && changes_ > changes; });
  }
  bool wait_for(const std::string& kind, std::chrono::seconds patience) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return kinds_.contains(kind); });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::multiset<std::string> kinds_;
  std::vector<std::string> faults_;
  std::int64_t rows_ = 0;  ///< one call at a time: the run's promise, which ThreadSanitizer holds
  std::uint64_t changes_ = 0;
};

/// A pipeline of two tables on real servers, run by this process; a third comes while it streams.
class Running : public postgres::LabPostgres {
 protected:
  void SetUp() override {
    LabPostgres::SetUp();
    if (HasFatalFailure()) return;
    source_ = std::make_unique<postgres::Connection>(superuser());
    for (const char* table : {"a", "b", "c"}) {
      source_->execute("CREATE TABLE public." + std::string(table) + " (id int PRIMARY KEY, note text)");
      source_->execute("INSERT INTO public." + std::string(table) +
                       " SELECT n, repeat('x', 100) FROM generate_series(1, 5000) AS n");
    }
    source_->execute("CREATE PUBLICATION p FOR TABLE public.a, public.b, public.c");
    postgres::create_slot(*source_, name() + "_slot");
    target_ = std::make_unique<sqlserver::Session>(LabTarget::endpoint());
    target_->execute("CREATE SCHEMA " + schema::quote_mssql(name()));
    plan_ = {.pipeline = name(),
             .source = superuser(),
             .target = LabTarget::endpoint(),
             .slot = name() + "_slot",
             .publication = "p",
             .tables = {made("a"), made("b")},
             .load_workers = 3};
    const auto position = source_->query(
        "SELECT (SELECT system_identifier::text FROM pg_control_system()), confirmed_flush_lsn::text FROM "
        "pg_replication_slots WHERE slot_name = $1",
        {plan_.slot});
    provision_target(plan_, position.text(0, 0), *Lsn::parse(position.text(0, 1)));
  }

  void TearDown() override {
    if (target_) {
      unprovision_target(plan_.target, name());
      for (const char* table : {"a", "b", "c"}) target_->execute(schema::drop_table_sql({name(), table}));
      target_->execute("DROP SCHEMA " + schema::quote_mssql(name()));
    }
    source_.reset();
    LabPostgres::TearDown();
  }

  schema::TablePlan made(const std::string& table) {
    schema::MappingOptions options;
    options.target_schema = name();
    auto plan = schema::plan_table(postgres::read_tables(*source_, {{"public", table}}).at(0), options);
    target_->execute(schema::create_table_sql(plan.target));
    return plan;
  }

  std::string sum(const std::string& table) {
    const auto row = target_
                         ->query("SELECT CONVERT(varchar(20), COUNT(*)), CONVERT(varchar(20), SUM(LEN(note))) FROM " +
                                 schema::quote_mssql(schema::TableName{name(), table}))
                         .at(0);
    return row.at(0).value_or("-") + " " + row.at(1).value_or("-");
  }
  std::string source_sum(const std::string& table) {
    const auto row = source_->query("SELECT count(*), sum(length(note)) FROM public." + table);
    return row.text(0, 0) + " " + row.text(0, 1);
  }

  std::unique_ptr<postgres::Connection> source_;
  std::unique_ptr<sqlserver::Session> target_;
  RunPlan plan_;
};

TEST_F(Running, LoadersStreamAndObserversAtOnce) {
  Watcher first;
  run_pipeline(plan_, {.until_caught_up = true}, first, std::stop_source().get_token());
  EXPECT_TRUE(first.told("load.finished"));
  EXPECT_EQ(first.faults(), std::vector<std::string>{});

  plan_.tables = {made("c")};
  add_table_states(plan_.target, name(), plan_.tables, true);
  Watcher second;
  std::stop_source stop;
  std::jthread runs([&] { run_pipeline(plan_, {}, second, stop.get_token()); });
  std::jthread writes([&](const std::stop_token& ends) {
    postgres::Connection writer(superuser());
    for (int n = 0; !ends.stop_requested(); ++n) {
      const auto row = std::to_string(10'000 + n);
      writer.execute("BEGIN");
      for (const char* table : {"a", "b", "c"}) {
        writer.execute("INSERT INTO public." + std::string(table) + " VALUES (" + row + ", 'new')");
        writer.execute("UPDATE public." + std::string(table) +
                       " SET note = note || 'y' WHERE id % 50 = " + std::to_string(n % 50));
      }
      writer.execute("COMMIT");
    }
  });
  EXPECT_TRUE(second.wait("load.finished", 2000));
  writes.request_stop();
  writes.join();
  stop.request_stop();
  runs.join();
  EXPECT_TRUE(second.told("load.table_finished")) << "c was loaded beside the stream";
  EXPECT_TRUE(second.told("stream.stopped"));
  EXPECT_EQ(second.faults(), std::vector<std::string>{});

  Watcher third;
  run_pipeline(plan_, {.until_caught_up = true}, third, std::stop_source().get_token());
  for (const char* table : {"a", "b", "c"}) EXPECT_EQ(sum(table), source_sum(table)) << table;
}

/// It has nothing to say for a minute, and holds the slot: the other one's knock makes it look.
TEST_F(Running, OneThatRestsGivesWayToWhoTakesOver) {
  Watcher load;
  run_pipeline(plan_, {.until_caught_up = true}, load, std::stop_source().get_token());

  constexpr std::chrono::seconds kRestsAfter{2};
  Watcher first;
  std::optional<ErrorCode> end;
  std::jthread rests([&](const std::stop_token& stop) {
    try {
      run_pipeline(plan_, {.rest_after = kRestsAfter}, first, stop);
    } catch (const Error& error) {
      end = error.code();
    }
  });
  ASSERT_TRUE(first.wait_for("stream.started", std::chrono::minutes(2)));
  // Nobody tells that a stream rests: it is a matter of time.
  std::this_thread::sleep_for(kRestsAfter + std::chrono::seconds(1));

  Watcher second;
  std::jthread takes_over([&](const std::stop_token& stop) { run_pipeline(plan_, {}, second, stop); });
  EXPECT_TRUE(second.wait_for("stream.started", std::chrono::seconds(40)));
  rests.join();
  EXPECT_EQ(end, ErrorCode::kFenced);
}

}  // namespace
}  // namespace millrace::replication
