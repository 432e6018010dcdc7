#include "sqlserver/table_in_use.hpp"

#include <gtest/gtest.h>

#include <chrono>

#include "lab_sqlserver.hpp"
#include "support/error.hpp"

namespace millrace::sqlserver {
namespace {

class TableInUse : public LabSqlServer {
 protected:
  void SetUp() override {
    LabSqlServer::SetUp();
    if (HasFatalFailure()) return;
    session().execute("CREATE TABLE " + quoted("t") + " (id int NOT NULL)");
  }
};

TEST_F(TableInUse, WhoWantsTheTableLetsTheOthersGoOnBetweenItsTries) {
  Session run(endpoint());
  run.execute("BEGIN TRANSACTION; INSERT INTO " + quoted("t") + " VALUES (1)");
  Session other(endpoint());
  const auto before = other.lock_timeout();
  int tries = 0;
  take_from_run(other, [&] {
    if (++tries == 2) run.execute("INSERT INTO " + quoted("t") + " VALUES (2); COMMIT TRANSACTION");
    other.execute("DROP TABLE " + quoted("t"));
  });
  EXPECT_EQ(tries, 2);
  EXPECT_EQ(other.lock_timeout(), before);
  EXPECT_TRUE(session().query("SELECT 1 FROM sys.tables WHERE object_id = OBJECT_ID('" + quoted("t") + "')").empty());
  drop_table_from_run(other, table("t"));  // none is there
}

TEST_F(TableInUse, AnotherErrorIsNotTriedAgain) {
  const auto before = session().lock_timeout();
  int tries = 0;
  EXPECT_THROW(take_from_run(session(),
                             [&] {
                               ++tries;
                               session().execute("DROP TABLE " + quoted("none"));
                             }),
               QueryError);
  EXPECT_EQ(tries, 1);
  EXPECT_EQ(session().lock_timeout(), before);
}

}  // namespace
}  // namespace millrace::sqlserver
