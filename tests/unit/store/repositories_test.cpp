#include <gtest/gtest.h>

#include <filesystem>

#include "store/api_keys.hpp"
#include "store/audit_log.hpp"
#include "store/connections.hpp"
#include "store/database.hpp"
#include "store/events.hpp"
#include "store/idempotency.hpp"
#include "store/lease.hpp"
#include "store/metric_history.hpp"
#include "store/operations.hpp"
#include "store/pipelines.hpp"
#include "store/secrets.hpp"
#include "store/sessions.hpp"
#include "store/tenants.hpp"
#include "store/users.hpp"

namespace millrace::store {
namespace {

class RepositoriesTest : public ::testing::Test {
 protected:
  ~RepositoriesTest() override { std::filesystem::remove_all(directory); }

  static std::filesystem::path fresh_directory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "millrace-store.XXXXXX").string();
    return ::mkdtemp(pattern.data());
  }

  std::filesystem::path directory = fresh_directory();
  Database database{directory / "millrace.db"};
};

ErrorCode code_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::kInternal;
}

TEST_F(RepositoriesTest, AFailedUnitOfWorkLeavesNothing) {
  EXPECT_THROW(database.write([](Session& session) {
    Tenants(session).insert({"t1", "one", 1});
    throw std::runtime_error("after the insert");
  }),
               std::runtime_error);
  EXPECT_FALSE(database.read([](Session& session) { return Tenants(session).find("t1"); }));
}

TEST_F(RepositoriesTest, PagesOfUsersFollowTheirNames) {
  database.write([](Session& session) {
    for (const char* name : {"Carol", "alice", "bob"}) Users(session).insert({.id = name, .name = name});
    EXPECT_EQ(code_of([&] { Users(session).insert({.id = "x", .name = "ALICE"}); }), ErrorCode::kObjectExists);
    const auto first = Users(session).list({.size = 2});
    ASSERT_EQ(first.items.size(), 2U);
    EXPECT_EQ(first.items[0].name, "alice");
    const auto second = Users(session).list({.size = 2, .after = first.next});
    ASSERT_EQ(second.items.size(), 1U);
    EXPECT_EQ(second.items[0].name, "carol");
    EXPECT_EQ(second.next, "");
    EXPECT_EQ(code_of([&] { Users(session).list({.after = "!"}); }), ErrorCode::kUsage);
    EXPECT_EQ(code_of([&] { Users(session).list({.after = encode_cursor({"a", "b"})}); }), ErrorCode::kUsage);
  });
}

TEST_F(RepositoriesTest, AnOldRevisionChangesNothing) {
  database.write([](Session& session) {
    Tenants tenants(session);
    tenants.insert({"t1", "one", 1});
    tenants.rename("t1", "two", 1);
    EXPECT_EQ(code_of([&] { tenants.rename("t1", "three", 1); }), ErrorCode::kObjectChanged);
    EXPECT_EQ(code_of([&] { tenants.rename("none", "three", 1); }), ErrorCode::kObjectNotFound);
    EXPECT_EQ(tenants.find("t1")->name, "two");
  });
}

TEST_F(RepositoriesTest, ATenantSeesItsOwnConnectionsOnly) {
  database.write([](Session& session) {
    Tenants(session).insert({"t1", "one", 1});
    Connections connections(session);
    connections.insert({"c1", "t1", "source", "postgres", "{}"});
    Secrets(session).put({"t1", "connection/c1", "password", "sealed", "1", 1});
    connections.insert({"c2", kDefaultTenant, "source", "postgres", "{}"});
    EXPECT_FALSE(connections.find(kDefaultTenant, "c1"));
    EXPECT_EQ(code_of([&] { connections.remove(kDefaultTenant, "c1"); }), ErrorCode::kObjectNotFound);
    EXPECT_EQ(connections.list("t1", {}).items.size(), 1U);
    connections.remove("t1", "c1");
    EXPECT_TRUE(Secrets(session).of_object("t1", "connection/c1").empty());
  });
}

TEST_F(RepositoriesTest, AConnectionStaysWhilePipelinesComeFromIt) {
  database.write([](Session& session) { Connections(session).insert({"c1", kDefaultTenant, "shop", "source", "{}"}); });
  Pipelines pipelines(database);
  PipelineRecord record{.name = "P", .state = "active", .spec = "{}", .resources = "{}", .sealed_secrets = {}};
  record.connections = {{"source", "c1"}};
  pipelines.insert(record);
  record.name = "Q";
  record.connections = {{"source", "gone"}};
  EXPECT_EQ(code_of([&] { pipelines.insert(record); }), ErrorCode::kObjectNotFound);
  EXPECT_FALSE(pipelines.find("Q")) << "both, or neither";
  const auto remove = [this] {
    database.write([](Session& session) { Connections(session).remove(kDefaultTenant, "c1"); });
  };
  EXPECT_EQ(code_of(remove), ErrorCode::kObjectInUse);
  database.read([](Session& session) {
    Connections connections(session);
    EXPECT_EQ(connections.used_by(kDefaultTenant, "c1"), std::vector<std::string>{"P"});
    EXPECT_EQ(connections.used_by(kDefaultTenant).at("c1"), std::vector<std::string>{"P"});
    EXPECT_EQ(connections.names(kDefaultTenant).at("c1"), "shop");
  });
  pipelines.remove("P");
  remove();
}

TEST_F(RepositoriesTest, EventsCountWithoutGapsAndPageBackwards) {
  database.write([](Session& session) {
    Events events(session);
    for (int i = 1; i <= 3; ++i) {
      EXPECT_EQ(events.append({.tenant = kDefaultTenant, .kind = "state", .message = "m", .time_ms = i}), i);
    }
    const auto first = events.list(kDefaultTenant, {}, {.size = 2});
    EXPECT_EQ(first.items.front().id, 3);
    EXPECT_EQ(events.list(kDefaultTenant, {}, {.size = 2, .after = first.next}).items.front().id, 1);
    EXPECT_EQ(events.after(1, 10).size(), 2U);
    EXPECT_EQ(events.purge(3), 2);
    EXPECT_EQ(events.append({.tenant = kDefaultTenant, .kind = "state", .message = "m"}), 4);
  });
}

TEST_F(RepositoriesTest, AnIdempotencyKeyAnswersAsBefore) {
  using State = IdempotencyKeys::Claim::State;
  database.write([](Session& session) {
    IdempotencyKeys keys(session);
    const auto claim = [&](const char* print, std::int64_t now) { return keys.claim("default", "u", "k", print, now); };
    EXPECT_EQ(claim("a", 1).state, State::kFirst);
    EXPECT_EQ(claim("a", 2).state, State::kInFlight);
    EXPECT_EQ(claim("b", 2).state, State::kMismatch);
    keys.complete("default", "u", "k", {201, "{}", "body"});
    EXPECT_EQ(claim("a", 3).state, State::kDone);
    EXPECT_EQ(claim("a", 3).answer.body, "body");
    EXPECT_EQ(claim("a", 1 + IdempotencyKeys::kKeptMs).state, State::kFirst);
  });
}

TEST_F(RepositoriesTest, OneHolderHasTheLease) {
  using std::chrono::hours;
  database.write([](Session& session) {
    Leases leases(session);
    const auto fence = leases.acquire("supervisor", "a", hours(1));
    ASSERT_TRUE(fence);
    EXPECT_FALSE(leases.acquire("supervisor", "b", hours(1)));
    EXPECT_EQ(leases.acquire("supervisor", "a", hours(1)), fence);
    EXPECT_TRUE(leases.renew("supervisor", "a", *fence, hours(1)));
    leases.release("supervisor", "a", *fence);
    EXPECT_FALSE(leases.renew("supervisor", "a", *fence, hours(1)));
    const auto next = leases.acquire("supervisor", "b", hours(1));
    ASSERT_TRUE(next);
    EXPECT_GT(*next, *fence);
    EXPECT_EQ(code_of([&] { leases.require("supervisor", *fence); }), ErrorCode::kFenced);
    leases.require("supervisor", *next);
  });
}

TEST_F(RepositoriesTest, SamplesBecomeCoarserAndKeepTheirPeak) {
  database.write([](Session& session) {
    MetricHistory history(session);
    history.add("default", "P", {.time_ms = 60'000, .lag_bytes = 5.0, .rows_per_second = 10.0});
    history.add("default", "P", {.time_ms = 90'000, .lag_bytes = 50.0, .rows_per_second = 20.0});
    history.roll_up(130'000);
    history.roll_up(131'000);
    const auto minutes = history.read("default", "P", MetricHistory::Span::kDay, 130'000);
    ASSERT_EQ(minutes.size(), 1U);
    EXPECT_EQ(minutes[0].time_ms, 60'000);
    EXPECT_EQ(minutes[0].lag_bytes, 50.0);
    EXPECT_EQ(minutes[0].rows_per_second, 15.0);
    EXPECT_FALSE(minutes[0].apply_ms);
  });
}

TEST_F(RepositoriesTest, TheAuditLogIsChainedAndKeepsItsRows) {
  database.write([](Session& session) {
    AuditLog log(session);
    for (int i = 0; i < 3; ++i) log.append({.time_ms = i, .actor = "user:a", .action = "x"});
    security::ChainVerifier verifier;
    log.each([&](const auto& record) {
      EXPECT_FALSE(verifier.check(record));
      return true;
    });
    EXPECT_FALSE(verifier.finish(log.head()));
    EXPECT_EQ(verifier.checked(), 3);
  });
  EXPECT_THROW(database.write([](Session& session) { session.execute("DELETE FROM audit_log"); }), Error);
  EXPECT_THROW(database.write([](Session& session) { session.execute("UPDATE audit_log SET actor = 'b'"); }), Error);
}

TEST_F(RepositoriesTest, ATextWithANulIsRefused) {
  EXPECT_EQ(code_of([&] {
              database.write([](Session& session) { Tenants(session).insert({"t", std::string("a\0b", 3), 1}); });
            }),
            ErrorCode::kUsage);
}

}  // namespace
}  // namespace millrace::store
