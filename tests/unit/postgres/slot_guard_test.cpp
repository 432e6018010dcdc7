#include "postgres/slot_guard.hpp"

#include <gmock/gmock.h>

namespace millrace::postgres {
namespace {

using ::testing::HasSubstr;

SlotPosition good() {
  return {.system_identifier = "7000",
          .timeline = 1,
          .wal = Lsn(1000),
          .database = "shop",
          .exists = true,
          .plugin = "pgoutput",
          .type = "logical",
          .slot_database = "shop",
          .wal_status = "reserved",
          .confirmed_flush = Lsn(500),
          .restart = Lsn(400)};
}

SlotExpectation expected() {
  return {.slot = "s", .system_identifier = "7000", .checkpoint = Lsn(500)};
}

ErrorCode code_of(const SlotPosition& position, const SlotExpectation& expectation = expected()) {
  const auto error = judge(position, expectation);
  EXPECT_TRUE(error);
  return error ? error->code() : ErrorCode::kInternal;
}

TEST(SlotGuard, ASlotAtOrBeforeTheCheckpointIsGood) {
  EXPECT_FALSE(judge(good(), expected()));
  auto position = good();
  position.confirmed_flush = Lsn(450);
  EXPECT_FALSE(judge(position, expected()));
  position.wal = Lsn(500);
  EXPECT_FALSE(judge(position, expected()));
}

TEST(SlotGuard, AnotherServerIsTold) {
  auto position = good();
  position.system_identifier = "7001";
  EXPECT_EQ(code_of(position), ErrorCode::kSourceChanged);
  // Even when the slot is not there: the server is what is wrong.
  position.exists = false;
  EXPECT_EQ(code_of(position), ErrorCode::kSourceChanged);
  position = good();
  position.system_identifier.clear();
  EXPECT_FALSE(judge(position, expected())) << "may not be read: not judged";
  auto unknown = expected();
  unknown.system_identifier.clear();
  EXPECT_FALSE(judge(good(), unknown));
}

TEST(SlotGuard, ARewoundServerIsTold) {
  auto position = good();
  position.wal = Lsn(499);
  position.confirmed_flush = Lsn(450);
  const auto error = judge(position, expected());
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::kSourceChanged);
  EXPECT_THAT(error->message(), HasSubstr("0/1F3"));
  position.in_recovery = true;
  EXPECT_FALSE(judge(position, expected())) << "a standby that is behind";
}

TEST(SlotGuard, AMissingSlotIsTold) {
  SlotPosition position{.system_identifier = "7000", .wal = Lsn(1000), .database = "shop"};
  EXPECT_EQ(code_of(position), ErrorCode::kSlotMissing);
}

TEST(SlotGuard, AnInvalidatedSlotIsLost) {
  auto position = good();
  position.wal_status = "lost";
  EXPECT_EQ(code_of(position), ErrorCode::kSlotLost);
  position = good();
  position.invalidation = "idle_timeout";
  const auto error = judge(position, expected());
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::kSlotLost);
  EXPECT_THAT(error->cause(), HasSubstr("idle_timeout"));
  position = good();
  position.restart.reset();
  EXPECT_EQ(code_of(position), ErrorCode::kSlotLost);
  position = good();
  position.wal_status = "unreserved";
  EXPECT_FALSE(judge(position, expected())) << "in danger, and readable still";
}

TEST(SlotGuard, ASlotBeyondTheCheckpointIsAGap) {
  auto position = good();
  position.confirmed_flush = Lsn(501);
  const auto error = judge(position, expected());
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::kSlotUnfit);
  EXPECT_THAT(error->message(), HasSubstr("beyond the checkpoint"));
  // The gap stays a gap while somebody reads.
  position.active = true;
  EXPECT_EQ(code_of(position), ErrorCode::kSlotUnfit);
}

TEST(SlotGuard, ASlotOfAnotherKindIsUnfit) {
  auto position = good();
  position.plugin = "wal2json";
  EXPECT_EQ(code_of(position), ErrorCode::kSlotUnfit);
  position = good();
  position.type = "physical";
  position.plugin.clear();
  position.slot_database.clear();
  EXPECT_EQ(code_of(position), ErrorCode::kSlotUnfit);
  position = good();
  position.slot_database = "other";
  EXPECT_EQ(code_of(position), ErrorCode::kSlotUnfit);
}

TEST(SlotGuard, ASlotInUseNamesItsReader) {
  auto position = good();
  position.active = true;
  position.active_pid = 4711;
  const auto error = judge(position, expected());
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::kSlotInUse);
  EXPECT_THAT(error->message(), HasSubstr("4711"));
  EXPECT_TRUE(error->retriable());
}

}  // namespace
}  // namespace millrace::postgres
