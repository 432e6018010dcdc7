#include "sqlserver/session.hpp"

#include <gmock/gmock.h>

#include <future>

#include "cut_line.hpp"
#include "lab_sqlserver.hpp"

namespace millrace::sqlserver {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class SessionTest : public LabSqlServer {
 protected:
  void SetUp() override {
    LabSqlServer::SetUp();
    if (HasFatalFailure()) return;
    session().execute("CREATE TABLE " + quoted("t") + " (id int NOT NULL PRIMARY KEY, v nvarchar(20) NULL)");
    session().execute("INSERT " + quoted("t") + " VALUES (1, N'a'), (2, N'b'), (3, N'c')");
  }

  template <typename Step>
  static ErrorCode code_of(Step&& step) {
    try {
      step();
    } catch (const QueryError& error) {
      return error.code();
    }
    ADD_FAILURE() << "nothing was thrown";
    return ErrorCode::kInternal;
  }

  int server_process() { return std::stoi(*value("SELECT @@SPID")); }
};

TEST_F(SessionTest, CountsOfEveryStatement) {
  const std::string t = quoted("t");
  EXPECT_THAT(
      session().run_counts("UPDATE " + t + " SET v = N'x' WHERE id < 3; SELECT id FROM " + t + "; DELETE FROM " + t +
                           " WHERE id = 99; INSERT " + t + " VALUES (4, N'd'); DELETE FROM " + t),
      ElementsAre(2, 0, 1, 4));
  EXPECT_THAT(session().run_counts("BEGIN TRANSACTION; COMMIT TRANSACTION"), IsEmpty());
}

TEST_F(SessionTest, CountsWithParameters) {
  const std::string sql = "UPDATE " + quoted("t") + " SET v = ? WHERE id = CAST(? AS int); DELETE FROM " + quoted("t") +
                          " WHERE id > CAST(? AS int)";
  EXPECT_THAT(session().run_counts(sql, {"x", "1", "2"}), ElementsAre(1, 1));
  EXPECT_THAT(session().run_counts(sql, {std::nullopt, "9", "1"}), ElementsAre(0, 1));
}

TEST_F(SessionTest, AnErrorInALaterStatementIsNotLost) {
  const std::string t = quoted("t");
  const std::string batch = "UPDATE " + t + " SET v = N'x'; INSERT " + t + " VALUES (1, N'again')";
  EXPECT_EQ(code_of([&] { session().run_counts(batch); }), ErrorCode::kTargetConstraint);
  EXPECT_EQ(code_of([&] { session().execute(batch); }), ErrorCode::kTargetConstraint);
  EXPECT_EQ(code_of([&] { session().query("SELECT id FROM " + t + "; INSERT " + t + " VALUES (1, N'again')"); }),
            ErrorCode::kTargetConstraint);
  EXPECT_EQ(code_of([&] {
              session().run_counts("UPDATE " + t + " SET v = ?; INSERT " + t + " VALUES (1, ?)", {"x", "y"});
            }),
            ErrorCode::kTargetConstraint);
}

TEST_F(SessionTest, PreparedStatementsTakeValuesOfEveryLength) {
  const std::string sql = "SELECT CAST(? AS nvarchar(max))";
  const std::vector<std::optional<std::string>> values = {
      "short", "", std::nullopt, std::string(5000, 'x'), "again", std::string(4000, 'y')};
  for (const auto& value : values) EXPECT_EQ(session().query(sql, {value}).at(0).at(0), value);
}

TEST_F(SessionTest, MoreStatementsThanAreKept) {
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 80; ++i) {
      const std::string sql = "SELECT CAST(? AS int) + " + std::to_string(i);
      EXPECT_EQ(session().query(sql, {"1"}).at(0).at(0), std::to_string(i + 1));
    }
  }
}

TEST_F(SessionTest, APreparedStatementOutlivesItsError) {
  const std::string sql = "INSERT " + quoted("t") + " VALUES (CAST(? AS int), ?)";
  EXPECT_EQ(session().execute(sql, {"5", "e"}), 1);
  EXPECT_EQ(code_of([&] { session().execute(sql, {"5", "e"}); }), ErrorCode::kTargetConstraint);
  EXPECT_EQ(session().execute(sql, {"6", "f"}), 1);
}

TEST_F(SessionTest, ATransactionIsSeenAndRolledBack) {
  EXPECT_FALSE(session().in_transaction());
  session().execute("BEGIN TRANSACTION");
  session().execute("DELETE FROM " + quoted("t"));
  EXPECT_TRUE(session().in_transaction());
  EXPECT_TRUE(session().rollback_quietly());
  EXPECT_FALSE(session().in_transaction());
  EXPECT_TRUE(session().rollback_quietly());
  EXPECT_EQ(value("SELECT COUNT(*) FROM " + quoted("t")), "3");
}

TEST_F(SessionTest, AnErrorEndsTheTransaction) {
  session().execute("BEGIN TRANSACTION; DELETE FROM " + quoted("t") + " WHERE id = 2");
  EXPECT_THROW(session().execute("INSERT " + quoted("t") + " VALUES (1, N'x')"), QueryError);
  EXPECT_TRUE(session().rollback_quietly());
  EXPECT_FALSE(session().in_transaction());
  EXPECT_EQ(value("SELECT COUNT(*) FROM " + quoted("t")), "3");
}

TEST_F(SessionTest, ALockIsWaitedForAsLongAsSaid) {
  Session other(endpoint());
  other.execute("BEGIN TRANSACTION");
  other.execute("UPDATE " + quoted("t") + " SET v = N'held' WHERE id = 1");
  session().set_lock_timeout(std::chrono::milliseconds(50));
  EXPECT_EQ(code_of([&] { session().execute("UPDATE " + quoted("t") + " SET v = N'mine' WHERE id = 1"); }),
            ErrorCode::kTargetBusy);
  other.rollback_quietly();
  EXPECT_EQ(session().execute("UPDATE " + quoted("t") + " SET v = N'mine' WHERE id = 1"), 1);
}

TEST_F(SessionTest, CancelEndsAStatementThatWaits) {
  Session other(endpoint());
  other.execute("BEGIN TRANSACTION");
  other.execute("UPDATE " + quoted("t") + " SET v = N'held' WHERE id = 1");
  session().cancel();  // between statements: nothing
  const int process = server_process();
  auto running = std::async(std::launch::async, [&] {
    return code_of([&] { session().execute("UPDATE " + quoted("t") + " SET v = N'mine' WHERE id = 1"); });
  });
  while (running.wait_for(std::chrono::milliseconds(20)) != std::future_status::ready) session().cancel();
  EXPECT_EQ(running.get(), ErrorCode::kInterrupted);
  other.rollback_quietly();
  EXPECT_TRUE(session().rollback_quietly());
  EXPECT_EQ(server_process(), process);
  EXPECT_EQ(session().execute("UPDATE " + quoted("t") + " SET v = N'mine' WHERE id = 1"), 1);
}

TEST_F(SessionTest, ALostConnectionIsAnErrorAndNotReplaced) {
  CutLine line(endpoint().host, endpoint().port);
  TargetEndpoint through = endpoint();
  through.port = line.port();
  Session victim(through);
  const std::string sql = "DELETE FROM " + quoted("t") + " WHERE id = CAST(? AS int)";
  victim.execute("BEGIN TRANSACTION");
  EXPECT_EQ(victim.execute(sql, {"1"}), 1);
  line.cut();
  EXPECT_EQ(code_of([&] { victim.execute(sql, {"2"}); }), ErrorCode::kTargetUnreachable);
  EXPECT_EQ(code_of([&] { victim.execute("DELETE FROM " + quoted("t")); }), ErrorCode::kTargetUnreachable);
  EXPECT_FALSE(victim.rollback_quietly());
  EXPECT_EQ(value("SELECT COUNT(*) FROM " + quoted("t")), "3");
}

TEST_F(SessionTest, SessionsOfTwoThreadsDoNotWaitForEachOther) {
  Session holder(endpoint());
  Session waiter(endpoint());
  holder.execute("BEGIN TRANSACTION");
  holder.execute("UPDATE " + quoted("t") + " SET v = N'held' WHERE id = 1");
  auto waiting = std::async(std::launch::async,
                            [&] { return waiter.execute("UPDATE " + quoted("t") + " SET v = N'mine' WHERE id = 1"); });
  // This ends the wait: it would never run if the driver manager let one statement in at a time.
  holder.execute("COMMIT TRANSACTION");
  EXPECT_EQ(waiting.get(), 1);
}

}  // namespace
}  // namespace millrace::sqlserver
