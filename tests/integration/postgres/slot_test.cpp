#include "postgres/slot.hpp"

#include <gmock/gmock.h>
#include <libpq-fe.h>

#include <memory>

#include "postgres/lab_postgres.hpp"

namespace millrace::postgres {
namespace {

using ::testing::HasSubstr;

/// A walsender that holds a slot until it is destroyed.
class Reader {
 public:
  Reader(const SourceEndpoint& endpoint, const std::string& slot) {
    const auto port = std::to_string(endpoint.port);
    const char* keywords[] = {"host", "port", "dbname", "user", "password", "replication", "application_name", nullptr};
    const char* values[] = {endpoint.host.c_str(),
                            port.c_str(),
                            endpoint.database.c_str(),
                            endpoint.user.c_str(),
                            endpoint.password.reveal().c_str(),
                            "database",
                            "reader",
                            nullptr};
    connection_.reset(PQconnectdbParams(keywords, values, 0));
    const std::string command =
        "START_REPLICATION SLOT " + slot + " LOGICAL 0/0 (proto_version '1', publication_names 'nothing')";
    std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection_.get(), command.c_str()), PQclear);
    started_ = PQresultStatus(result.get()) == PGRES_COPY_BOTH;
  }
  bool started() const { return started_; }

 private:
  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_{nullptr, PQfinish};
  bool started_ = false;
};

class SlotTest : public LabPostgres {
 protected:
  std::string slot() const { return name() + "_slot"; }
};

TEST_F(SlotTest, IsMadeFoundAndDropped) {
  Connection connection(superuser());
  EXPECT_EQ(find_slot(connection, slot()), std::nullopt);
  create_slot(connection, slot());
  const auto facts = find_slot(connection, slot());
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->plugin, "pgoutput");
  EXPECT_EQ(facts->type, "logical");
  EXPECT_EQ(facts->database, name());
  EXPECT_FALSE(facts->active);
  EXPECT_FALSE(facts->temporary);
  EXPECT_EQ(facts->wal_status, "reserved");
  ASSERT_TRUE(facts->confirmed_flush && facts->restart);
  EXPECT_LE(*facts->restart, *facts->confirmed_flush);
  EXPECT_TRUE(drop_slot(connection, slot()));
  EXPECT_EQ(find_slot(connection, slot()), std::nullopt);
  EXPECT_FALSE(drop_slot(connection, slot()));
}

TEST_F(SlotTest, ForAFailoverIsMadeWhereTheServerKnowsIt) {
  Connection connection(superuser());
  if (connection.server_version() >= 170000) {
    create_slot(connection, slot(), {.failover = true});
    EXPECT_TRUE(find_slot(connection, slot())->failover);
    EXPECT_TRUE(drop_slot(connection, slot()));
    create_slot(connection, slot());
    EXPECT_FALSE(find_slot(connection, slot())->failover);
    return;
  }
  try {
    create_slot(connection, slot(), {.failover = true});
    FAIL() << "made on a server that has none";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kPreflightFailed);
    EXPECT_EQ(error.context().field, "slot_failover");
  }
  EXPECT_EQ(find_slot(connection, slot()), std::nullopt);
}

TEST_F(SlotTest, WalThatIsNotReadIsCounted) {
  Connection connection(superuser());
  create_slot(connection, slot());
  const auto before = find_slot(connection, slot()).value();
  run(connection, {"CREATE TABLE public.filler AS SELECT repeat('x', 1000) FROM generate_series(1, 1000)"});
  const auto after = find_slot(connection, slot()).value();
  EXPECT_GT(after.lag_bytes, before.lag_bytes + 900'000);
  EXPECT_GE(after.retained_bytes, after.lag_bytes);
}

TEST_F(SlotTest, ATakenNameIsUnfit) {
  Connection connection(superuser());
  create_slot(connection, slot());
  try {
    create_slot(connection, slot());
    FAIL() << "made twice";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kSlotUnfit);
    EXPECT_THAT(error.message(), HasSubstr(slot()));
  }
}

TEST_F(SlotTest, AUserWithoutReplicationMayNot) {
  Connection connection(plain_user());
  try {
    create_slot(connection, slot());
    FAIL() << "allowed";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kSourcePermission);
  }
}

TEST_F(SlotTest, AnOpenTransactionEndsTheWaitInTimeAndLeavesNothing) {
  Connection writer(superuser());
  run(writer, {"CREATE TABLE public.t(id int)", "BEGIN", "INSERT INTO public.t VALUES (1)"});
  Connection connection(superuser());
  try {
    create_slot(connection, slot(), {.timeout = std::chrono::milliseconds(300)});
    FAIL() << "did not wait for the transaction";
  } catch (const Error& error) {
    EXPECT_THAT(error.message(), HasSubstr("within 300 ms"));
    EXPECT_THAT(error.suggestion(), HasSubstr("pg_stat_activity"));
  }
  EXPECT_EQ(find_slot(connection, slot()), std::nullopt);
  writer.execute("COMMIT");
  EXPECT_NO_THROW(create_slot(connection, slot()));
  EXPECT_EQ(connection.query("SHOW statement_timeout").text(0, 0), "5min") << "the slot's bound must not stay";
}

TEST_F(SlotTest, AReadersSlotIsNotDroppedUntilItGoes) {
  Connection connection(superuser());
  create_slot(connection, slot());
  auto reader = std::make_unique<Reader>(superuser(), slot());
  ASSERT_TRUE(reader->started());
  const auto facts = find_slot(connection, slot()).value();
  EXPECT_TRUE(facts.active);
  EXPECT_EQ(facts.active_application, "reader");
  ASSERT_TRUE(facts.active_pid);
  try {
    drop_slot(connection, slot(), std::chrono::milliseconds(300));
    FAIL() << "dropped under its reader";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kSlotInUse);
    EXPECT_THAT(error.message(), HasSubstr(std::to_string(*facts.active_pid)));
  }
  reader.reset();
  EXPECT_TRUE(drop_slot(connection, slot(), std::chrono::seconds(20)));
}

}  // namespace
}  // namespace millrace::postgres
