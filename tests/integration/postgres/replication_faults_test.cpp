#include <gmock/gmock.h>

#include <thread>

#include "postgres/stream_reader.hpp"

namespace millrace::postgres {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(StreamTest, ASlotThatIsReadIsInUse) {
  Connection sql(superuser());
  create_slot(sql, slot());
  ReplicationConnection first(superuser());
  first.start(options());
  ReplicationConnection second(superuser());
  EXPECT_EQ(code_of([&] { second.start(options()); }), ErrorCode::kSlotInUse);
}

TEST_F(StreamTest, AMissingSlotIsTold) {
  ReplicationConnection connection(superuser());
  EXPECT_EQ(code_of([&] { connection.start(options()); }), ErrorCode::kSlotMissing);
  // The connection is good for another try.
  Connection sql(superuser());
  create_slot(sql, slot());
  connection.start(options());
}

TEST_F(StreamTest, ASlotOfAnotherDatabaseIsUnfit) {
  Connection sql(superuser());
  create_slot(sql, slot());
  auto other = superuser();
  other.database = "postgres";
  ReplicationConnection connection(other);
  EXPECT_EQ(code_of([&] { connection.start(options()); }), ErrorCode::kSlotUnfit);
}

TEST_F(StreamTest, AMissingPublicationIsTold) {
  Connection sql(superuser());
  create_slot(sql, slot());
  run(sql, {"INSERT INTO public.t VALUES (1, 'a')"});
  StreamReader reader(superuser());
  auto asked = options();
  asked.publication = "nowhere";
  EXPECT_EQ(code_of([&] {
              reader.connection().start(asked);
              reader.read_until('C');
            }),
            ErrorCode::kPublicationMissing);
}

TEST_F(StreamTest, ATerminatedWalsenderIsUnreachable) {
  Connection sql(superuser());
  create_slot(sql, slot());
  StreamReader reader(superuser());
  reader.connection().start(options());
  const auto pid = find_slot(sql, slot())->active_pid.value();
  run(sql, {"SELECT pg_terminate_backend(" + std::to_string(pid) + ")"});
  try {
    reader.read_until([] { return false; });
    FAIL() << "the stream went on";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kSourceUnreachable);
    EXPECT_THAT(error.message() + error.cause(), Not(HasSubstr(superuser().password.reveal())));
    EXPECT_THAT(error.message() + error.cause(), Not(HasSubstr(superuser().host)));
  }
  // It stays over.
  EXPECT_EQ(code_of([&] { reader.read_one(); }), ErrorCode::kSourceUnreachable);
}

TEST_F(StreamTest, ATemporarySlotShowsItsSnapshot) {
  Connection sql(superuser());
  run(sql, {"INSERT INTO public.t VALUES (1, 'before')"});
  StreamReader reader(superuser());
  const auto made = reader.connection().create_temporary_slot(slot(), {});
  EXPECT_EQ(made.slot, slot());
  run(sql, {"INSERT INTO public.t VALUES (2, 'behind')"});
  const auto facts = find_slot(sql, slot()).value();
  EXPECT_TRUE(facts.temporary);
  EXPECT_EQ(facts.confirmed_flush, made.consistent_point);
  {
    Connection other(superuser());
    run(other, {"BEGIN ISOLATION LEVEL REPEATABLE READ", "SET TRANSACTION SNAPSHOT '" + made.snapshot + "'"});
    EXPECT_EQ(other.query("SELECT v FROM public.t").text(0, 0), "before");
    EXPECT_EQ(other.query("SELECT count(*) FROM public.t").integer(0, 0), 1);
  }
  // What the snapshot does not see is what the stream brings.
  auto asked = options();
  asked.start = made.consistent_point;
  reader.connection().start(asked);
  ASSERT_TRUE(reader.read_until('C'));
  EXPECT_EQ(reader.count('I'), 1U);
  EXPECT_LT(reader.find("behind"), reader.payloads().size());
}

TEST_F(StreamTest, ATakenNameOfATemporarySlotIsUnfit) {
  Connection sql(superuser());
  create_slot(sql, slot());
  ReplicationConnection connection(superuser());
  EXPECT_EQ(code_of([&] { connection.create_temporary_slot(slot(), {}); }), ErrorCode::kSlotUnfit);
}

TEST_F(StreamTest, AStopEndsTheWaitForATemporarySlot) {
  Connection sql(superuser());
  Connection writer(superuser());
  run(writer, {"BEGIN", "INSERT INTO public.t VALUES (1, 'open')"});
  ReplicationConnection connection(superuser());
  std::stop_source stop;
  ErrorCode code = ErrorCode::kInternal;
  std::thread waiting([&] { code = code_of([&] { connection.create_temporary_slot(slot(), stop.get_token()); }); });
  // The slot shows up before the wait for the open transaction begins.
  for (int i = 0; i < 600 && !find_slot(sql, slot()); ++i) run(sql, {"SELECT pg_sleep(0.05)"});
  stop.request_stop();
  waiting.join();
  EXPECT_EQ(code, ErrorCode::kInterrupted);
  // The server has given up as well, though the transaction is still open.
  for (int i = 0; i < 600 && find_slot(sql, slot()); ++i) run(sql, {"SELECT pg_sleep(0.05)"});
  EXPECT_EQ(find_slot(sql, slot()), std::nullopt);
  // And the connection serves on.
  EXPECT_FALSE(connection.identify().system_identifier.empty());
}

}  // namespace
}  // namespace millrace::postgres
