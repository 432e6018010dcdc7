#include "sqlserver/state_tables.hpp"

#include <gmock/gmock.h>

#include <future>

#include "lab_sqlserver.hpp"

namespace millrace::sqlserver {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

/// The pipeline is named like the test's schema, so that tests that run at once keep apart.
class StateTables : public LabSqlServer {
 protected:
  void SetUp() override {
    LabSqlServer::SetUp();
    if (HasFatalFailure()) return;
    ensure_state_schema(session());
    create_checkpoint(session(), {.pipeline = pipeline(),
                                  .system_identifier = "7300000000000000001",
                                  .slot = "millrace_shop",
                                  .lsn = Lsn(0x1000)});
  }

  void TearDown() override {
    if (!schema_name().empty()) remove_pipeline(session(), pipeline(), {});
    LabSqlServer::TearDown();
  }

  const std::string& pipeline() const { return schema_name(); }

  std::int64_t advance(Session& by, std::int64_t fence, Lsn lsn, std::int64_t commit_time = 0) {
    const auto statement = advance_checkpoint(pipeline(), fence, lsn, commit_time, 1);
    return by.execute(statement.sql, statement.parameters);
  }

  TableState state(const std::string& name, const std::string& word) const {
    return {.source = {"public", name}, .target = {"dbo", name}, .state = word};
  }

  template <typename Step>
  static std::optional<ErrorCode> code_of(Step&& step) {
    try {
      step();
    } catch (const Error& error) {
      return error.code();
    }
    return std::nullopt;
  }
};

TEST_F(StateTables, MadeTwiceTheyStay) {
  ensure_state_schema(session());
  EXPECT_EQ(read_checkpoint(session(), pipeline())->lsn, Lsn(0x1000));
  EXPECT_EQ(code_of([&] { create_checkpoint(session(), {.pipeline = pipeline()}); }), ErrorCode::kPipelineExists);
}

TEST_F(StateTables, ACheckpointKeepsAll64BitsAndTheCommitTime) {
  const auto mine = take_over(session(), pipeline());
  EXPECT_EQ(mine.fence, 1);
  EXPECT_EQ(mine.system_identifier, "7300000000000000001");
  EXPECT_EQ(mine.slot, "millrace_shop");
  EXPECT_FALSE(mine.commit_ms);
  EXPECT_TRUE(mine.updated_ms);
  EXPECT_EQ(advance(session(), mine.fence, Lsn(0xFFFFFFFF'00000010), 814'320'000'123'456), 1);
  const auto read = read_checkpoint(session(), pipeline());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->lsn, Lsn(0xFFFFFFFF'00000010));
  EXPECT_EQ(read->commit_ms, 946'684'800'000 + 814'320'000'123);
  EXPECT_EQ(advance(session(), mine.fence, Lsn(0xFFFFFFFF'00000020)), 1);
  EXPECT_EQ(read_checkpoint(session(), pipeline())->commit_ms, read->commit_ms);
}

TEST_F(StateTables, TheSecondOwnerStopsTheFirst) {
  Session second(endpoint());
  const auto first_fence = take_over(session(), pipeline()).fence;
  EXPECT_EQ(advance(session(), first_fence, Lsn(0x2000)), 1);
  const auto taken = take_over(second, pipeline());
  EXPECT_GT(taken.fence, first_fence);
  EXPECT_EQ(taken.lsn, Lsn(0x2000));
  EXPECT_EQ(advance(session(), first_fence, Lsn(0x3000)), 0);
  EXPECT_EQ(code_of([&] { save_table_state(session(), pipeline(), first_fence, state("a", "ready")); }),
            ErrorCode::kFenced);
  EXPECT_FALSE(session().in_transaction());
  EXPECT_EQ(advance(second, taken.fence, Lsn(0x3000)), 1);
  EXPECT_THAT(read_table_states(second, pipeline()), IsEmpty());
  EXPECT_EQ(read_checkpoint(second, pipeline())->lsn, Lsn(0x3000));

  // Who tries again is told, and takes nothing back.
  EXPECT_EQ(code_of([&] { take_over(session(), pipeline(), first_fence); }), ErrorCode::kFenced);
  EXPECT_EQ(read_checkpoint(session(), pipeline())->fence, taken.fence);
  EXPECT_EQ(take_over(second, pipeline(), taken.fence).fence, taken.fence + 1);
}

TEST_F(StateTables, ANewOwnerWaitsForTheOldOnesTransaction) {
  const auto fence = take_over(session(), pipeline()).fence;
  session().execute("BEGIN TRANSACTION");
  EXPECT_EQ(advance(session(), fence, Lsn(0x2000)), 1);
  auto taking = std::async(std::launch::async, [&] {
    Session second(endpoint());
    return take_over(second, pipeline());
  });
  session().execute("COMMIT TRANSACTION");
  EXPECT_EQ(taking.get().lsn, Lsn(0x2000));
}

TEST_F(StateTables, ATablesRowIsWrittenAndReplaced) {
  const auto fence = take_over(session(), pipeline()).fence;
  save_table_state(session(), pipeline(), fence, state("b", "pending"));
  save_table_state(session(), pipeline(), fence, state("B", "pending"));
  TableState copying = state("b", "copying");
  copying.snapshot_lsn = Lsn(0xF0000000'00000000);
  copying.loaded_rows = 12;
  copying.shape = "{\"version\": 1, \"text\": \"" + std::string(9000, 'x') + "\"}";
  copying.detail = "\u00fc\U0001F600";
  save_table_state(session(), pipeline(), fence, copying);
  const auto states = read_table_states(session(), pipeline());
  ASSERT_THAT(states, SizeIs(2));
  EXPECT_EQ(states[0].source.name, "B");
  EXPECT_EQ(states[0].state, "pending");
  EXPECT_FALSE(states[0].snapshot_lsn);
  EXPECT_EQ(states[1].state, "copying");
  EXPECT_EQ(states[1].snapshot_lsn, copying.snapshot_lsn);
  EXPECT_EQ(states[1].loaded_rows, 12);
  EXPECT_EQ(states[1].shape, copying.shape);
  EXPECT_EQ(states[1].detail, copying.detail);
  remove_table_state(session(), pipeline(), {"public", "b"});
  EXPECT_THAT(read_table_states(session(), pipeline()), SizeIs(1));
}

TEST_F(StateTables, ATableThatWasTakenOutDoesNotComeBackByItsLoad) {
  const auto fence = take_over(session(), pipeline()).fence;
  save_table_state(session(), pipeline(), fence, state("a", "pending"));
  change_table_state(session(), pipeline(), fence, state("a", "copying"));
  EXPECT_EQ(read_table_states(session(), pipeline()).at(0).state, "copying");
  remove_table_state(session(), pipeline(), {"public", "a"});
  EXPECT_EQ(code_of([&] { change_table_state(session(), pipeline(), fence, state("a", "ready")); }),
            ErrorCode::kTargetDrift);
  EXPECT_FALSE(session().in_transaction());
  EXPECT_THAT(read_table_states(session(), pipeline()), IsEmpty());
}

TEST_F(StateTables, ARemovedPipelineIsGoneWithItsStages) {
  session().execute("CREATE TABLE " + quoted("stage") + " (a int NULL)");
  const auto fence = take_over(session(), pipeline()).fence;
  save_table_state(session(), pipeline(), fence, state("a", "ready"));
  const std::string other = pipeline() + "_other";
  create_checkpoint(session(), {.pipeline = other, .system_identifier = "1", .slot = "s"});
  remove_pipeline(session(), pipeline(), {table("stage")});
  EXPECT_FALSE(read_checkpoint(session(), pipeline()));
  EXPECT_THAT(read_table_states(session(), pipeline()), IsEmpty());
  EXPECT_EQ(value("SELECT OBJECT_ID(N'" + quoted("stage") + "', N'U')"), std::nullopt);
  EXPECT_EQ(advance(session(), fence, Lsn(0x9000)), 0);
  EXPECT_TRUE(read_checkpoint(session(), other));
  EXPECT_EQ(code_of([&] { take_over(session(), pipeline()); }), ErrorCode::kPipelineState);
  remove_pipeline(session(), other, {});
}

}  // namespace
}  // namespace millrace::sqlserver
