#include <gmock/gmock.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <thread>
#include <vector>

#include "store/audit_log.hpp"
#include "store/connections.hpp"
#include "store/database.hpp"
#include "store/events.hpp"
#include "store/idempotency.hpp"
#include "store/lab_store.hpp"
#include "store/lease.hpp"
#include "store/metric_history.hpp"
#include "store/migrations.hpp"
#include "store/operations.hpp"
#include "store/pipelines.hpp"
#include "store/postgres_backend.hpp"
#include "store/runs.hpp"
#include "store/secrets.hpp"
#include "store/users.hpp"
#include "unit/store/old_rows.hpp"

namespace millrace::store {
namespace {

class PostgresStoreTest : public LabStore {
 protected:
  PostgresStoreTest() : LabStore("test") {}
};

TEST_F(PostgresStoreTest, EveryEarlierVersionBecomesThisOneWithItsRows) {
  for (int version = 1; version <= newest_schema_version(); ++version) {
    SCOPED_TRACE(version);
    std::vector<OldRow> rows;
    {
      const auto backend = connect_postgres(endpoint, schema);
      migrate(*backend, version);
      EXPECT_EQ(backend->schema_version(), version);
      rows = fill_old_store(*backend, version);
    }
    const auto database = Database::open(location);
    EXPECT_EQ(database->backend(), "postgres");
    database->read([&](Session& session) { EXPECT_THAT(missing_rows(session, rows), ::testing::IsEmpty()); });
    const auto record = Pipelines(*database).find("P");
    ASSERT_TRUE(record);
    EXPECT_EQ(record->sealed_secrets.at("spec"), version < 4 ? "old sealed" : "sealed");
    EXPECT_EQ(Runs(*database).find("P").has_value(), version != 1);
    connect_postgres(endpoint, schema)->script("DROP SCHEMA " + schema + " CASCADE");
  }
  migrate(*connect_postgres(endpoint, schema), 1);  // for TearDown
}

TEST_F(PostgresStoreTest, ManyServersThatStartAtOnceMigrateOnce) {
  std::atomic<int> opened{0};
  {
    std::vector<std::jthread> servers;
    for (int i = 0; i < 6; ++i) {
      servers.emplace_back([&] {
        Database::open(location)->ping();
        ++opened;
      });
    }
  }
  EXPECT_EQ(opened, 6);
}

TEST_F(PostgresStoreTest, ChangesOfAPipelineAtOnceAreAllThere) {
  const auto database = Database::open(location);
  const auto other = Database::open(location);
  Pipelines(*database).insert({.name = "P", .state = "active", .spec = "{}", .resources = "{}"});
  {
    std::vector<std::jthread> threads;
    for (auto* store : {&*database, &*other, &*database}) {
      threads.emplace_back([store] {
        for (int n = 0; n < 20; ++n) {
          Pipelines(*store).change("P", [](Pipelines::Life& life) { life.resources += "+"; });
        }
      });
    }
  }
  EXPECT_EQ(Pipelines(*database).find("P")->resources, "{}" + std::string(60, '+'));
}

TEST_F(PostgresStoreTest, RepositoriesAnswerAsOnSqlite) {
  const auto database = Database::open(location);
  database->write([](Session& session) {
    Users users(session);
    users.insert({.id = "u1", .name = "Alice"});
    EXPECT_THROW(users.insert({.id = "u2", .name = "alice"}), Error);
    Memberships(session).put({"default", "u1", security::Role::kOperator});
    EXPECT_EQ(Memberships(session).role("default", "u1"), security::Role::kOperator);
    EXPECT_EQ(users.list({}).items.size(), 1U);

    Connections connections(session);
    connections.insert({"c1", "default", "source", "postgres", "{}"});
    connections.update({.id = "c1", .tenant = "default", .name = "renamed", .settings = "{}"}, 1);
    Secrets(session).put({"default", "connection/c1", "password", "sealed", "1", 1});
    EXPECT_EQ(Secrets(session).not_under("2", 10).size(), 1U);
    connections.remove("default", "c1", 2);
    EXPECT_TRUE(Secrets(session).count_by_key().empty());

    EXPECT_EQ(Events(session).append({.tenant = "default", .kind = "state", .message = "m", .time_ms = 5}), 1);
    EXPECT_EQ(Events(session).list("default", {.from_ms = 5}, {}).items.size(), 1U);
    EXPECT_EQ(Events(session).purge(6), 1);

    Operations operations(session);
    operations.insert({.id = "o1", .tenant = "default", .kind = "x", .process = "p"});
    EXPECT_EQ(operations.abandon("p", "{}", 3), 1);
    EXPECT_EQ(operations.list("default", {}).items.front().state, "failed");

    IdempotencyKeys keys(session);
    EXPECT_EQ(keys.claim("default", "u", "k", "f", 1).state, IdempotencyKeys::Claim::State::kFirst);
    keys.complete("default", "u", "k", {201, "{}", "body"});
    EXPECT_EQ(keys.claim("default", "u", "k", "f", 2).answer.status, 201);

    MetricHistory history(session);
    history.add("default", "P", {.time_ms = 60'000, .lag_bytes = 5.0});
    history.add("default", "P", {.time_ms = 90'000, .lag_bytes = 50.0, .rows_per_second = 20.0});
    history.roll_up(130'000);
    const auto minutes = history.read("default", "P", MetricHistory::Span::kDay, 130'000);
    ASSERT_EQ(minutes.size(), 1U);
    EXPECT_EQ(minutes[0].lag_bytes, 50.0);
  });
}

TEST_F(PostgresStoreTest, AGlanceTellsWhetherAnyPipelineChanged) {
  const auto database = Database::open(location);
  EXPECT_EQ(Pipelines::glance(*database), "");
  Pipelines pipelines(*database);
  pipelines.insert({.name = "P", .state = "active", .spec = "{}", .resources = "{}"});
  pipelines.insert({.name = "Q", .state = "active", .spec = "{}", .resources = "{}"});
  const auto before = Pipelines::glance(*database);
  EXPECT_EQ(Pipelines::glance(*database), before);
  pipelines.change("P", [](Pipelines::Life& life) { life.state = "paused"; });
  EXPECT_NE(Pipelines::glance(*database), before);
}

TEST_F(PostgresStoreTest, AuditLinesOfManyWritersMakeOneChain) {
  const auto database = Database::open(location);
  {
    std::vector<std::jthread> writers;
    for (int writer = 0; writer < 4; ++writer) {
      writers.emplace_back([&] {
        for (int i = 0; i < 25; ++i) {
          database->write([&](Session& session) { AuditLog(session).append({.actor = "user:a", .action = "x"}); });
        }
      });
    }
  }
  database->read([](Session& session) {
    security::ChainVerifier verifier;
    AuditLog(session).each([&](const auto& record) {
      EXPECT_FALSE(verifier.check(record));
      return true;
    });
    EXPECT_FALSE(verifier.finish(AuditLog(session).head()));
    EXPECT_EQ(verifier.checked(), 100);
  });
  EXPECT_THROW(database->write([](Session& session) { session.execute("DELETE FROM audit_log"); }), Error);
}

TEST_F(PostgresStoreTest, ALeaseHasOneHolder) {
  const auto database = Database::open(location);
  std::atomic<int> holders{0};
  {
    std::vector<std::jthread> servers;
    for (int i = 0; i < 4; ++i) {
      servers.emplace_back([&, name = "server " + std::to_string(i)] {
        const auto fence = database->write(
            [&](Session& session) { return Leases(session).acquire("supervisor", name, std::chrono::hours(1)); });
        if (fence) ++holders;
      });
    }
  }
  EXPECT_EQ(holders, 1);
}

TEST_F(PostgresStoreTest, ALostConnectionIsReplaced) {
  const auto database = Database::open(location);
  const auto other = connect_postgres(endpoint, schema);
  database->ping();
  other->query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'millrace-store' "
      "AND datname = current_database() AND pid <> pg_backend_pid()",
      {});
  database->ping();
  other->query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'millrace-store' "
      "AND datname = current_database() AND pid <> pg_backend_pid()",
      {});
  database->write([](Session& session) { AuditLog(session).append({.actor = "user:a", .action = "x"}); });
  EXPECT_EQ(database->read([](Session& session) { return AuditLog(session).head().sequence; }), 1);
}

}  // namespace
}  // namespace millrace::store
