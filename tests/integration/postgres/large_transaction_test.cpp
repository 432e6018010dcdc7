#include <gmock/gmock.h>

#include "postgres/stream_reader.hpp"

namespace millrace::postgres {
namespace {

class LargeTransactionTest : public StreamTest {
 protected:
  void SetUp() override {
    StreamTest::SetUp();
    if (HasFatalFailure()) return;
    if (version() < 140000) GTEST_SKIP() << "open transactions are streamed from PostgreSQL 14 on";
    Connection sql(superuser());
    run(sql, {"ALTER DATABASE " + name() + " SET logical_decoding_work_mem = '64kB'"});
  }
  static std::string rows(int first, int last) {
    return "INSERT INTO public.t SELECT i, repeat('x', 200) FROM generate_series(" + std::to_string(first) + ", " +
           std::to_string(last) + ") i";
  }
};

TEST_F(LargeTransactionTest, AnOpenTransactionIsStreamedAndCommitted) {
  Connection sql(superuser());
  create_slot(sql, slot());
  StreamReader reader(superuser());
  reader.connection().start(options());
  run(sql, {"BEGIN", rows(1, 2000)});
  // Blocks come while it is open.
  ASSERT_TRUE(reader.read_until('E', 2));
  EXPECT_EQ(reader.count('c'), 0U);
  run(sql, {"COMMIT"});
  ASSERT_TRUE(reader.read_until('c'));
  EXPECT_EQ(reader.count('I'), 2000U);
  EXPECT_EQ(reader.count('S'), reader.count('E'));
  EXPECT_EQ(reader.count('B'), 0U);
}

TEST_F(LargeTransactionTest, ARolledBackSubtransactionIsAborted) {
  Connection sql(superuser());
  create_slot(sql, slot());
  StreamReader reader(superuser());
  reader.connection().start(options());
  run(sql, {"BEGIN", rows(1, 1000), "SAVEPOINT a", rows(1001, 2000)});
  ASSERT_TRUE(reader.read_until('E', 2));
  run(sql, {"ROLLBACK TO SAVEPOINT a", rows(2001, 3000), "COMMIT"});
  ASSERT_TRUE(reader.read_until('c'));
  EXPECT_GE(reader.count('A'), 1U);
}

TEST_F(LargeTransactionTest, ARollbackOfTheWholeIsAborted) {
  Connection sql(superuser());
  create_slot(sql, slot());
  StreamReader reader(superuser());
  reader.connection().start(options());
  run(sql, {"BEGIN", rows(1, 2000)});
  ASSERT_TRUE(reader.read_until('E'));
  run(sql, {"ROLLBACK"});
  ASSERT_TRUE(reader.read_until('A'));
  EXPECT_EQ(reader.count('c'), 0U);
}

TEST_F(LargeTransactionTest, WithoutStreamingItComesWhole) {
  Connection sql(superuser());
  create_slot(sql, slot());
  run(sql, {rows(1, 2000)});
  StreamReader reader(superuser());
  auto asked = options();
  asked.streaming = false;
  reader.connection().start(asked);
  ASSERT_TRUE(reader.read_until('C'));
  EXPECT_EQ(reader.count('I'), 2000U);
  EXPECT_EQ(reader.count('S'), 0U);
}

TEST_F(LargeTransactionTest, APreparedTransactionComesInTwoPhases) {
  Connection sql(superuser());
  if (sql.query("SHOW max_prepared_transactions").integer(0, 0) == 0) {
    GTEST_SKIP() << "max_prepared_transactions is 0 on this server";
  }
  run(sql, {"SELECT pg_create_logical_replication_slot('" + slot() + "', 'pgoutput', false, true)"});
  StreamReader reader(superuser());
  auto asked = options();
  asked.two_phase = true;
  reader.connection().start(asked);
  run(sql, {"BEGIN", "INSERT INTO public.t VALUES (1, 'a')", "PREPARE TRANSACTION 'one'"});
  ASSERT_TRUE(reader.read_until('P'));
  // Large transactions of other databases that change shared catalogs come as blocks with nothing in them.
  auto kinds = reader.kinds();
  std::erase_if(kinds, [](char kind) { return kind == 'S' || kind == 'E' || kind == 'A'; });
  EXPECT_EQ(kinds, "bRIP");
  run(sql, {"COMMIT PREPARED 'one'"});
  ASSERT_TRUE(reader.read_until('K'));
}

}  // namespace
}  // namespace millrace::postgres
