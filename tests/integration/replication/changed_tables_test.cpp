#include "replication/changed_tables.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "postgres/catalog.hpp"
#include "postgres/lab_postgres.hpp"
#include "replication/table_binding.hpp"
#include "schema/type_mapping.hpp"
#include "support/error.hpp"

namespace millrace::replication {
namespace {

/// A plan, and a table that was changed since.
class ChangedTables : public postgres::LabPostgres {
 protected:
  void SetUp() override {
    LabPostgres::SetUp();
    if (HasFatalFailure()) return;
    source_ = std::make_unique<postgres::Connection>(superuser());
    source_->execute("SET search_path = public");
    source_->execute("CREATE TYPE public.mood AS ENUM ('good', 'bad')");
    source_->execute("CREATE DOMAIN public.price AS numeric(8,2)");
    source_->execute(
        "CREATE TABLE public.t (id int PRIMARY KEY, amount numeric(8,2), name varchar(20) NOT NULL, day mood, "
        "cost price, at timestamp(3), note text, hidden varchar(5))");
  }

  void TearDown() override {
    source_.reset();
    LabPostgres::TearDown();
  }

  std::vector<TableLoad> planned() {
    schema::MappingOptions options;
    options.target_schema = "dbo";
    options.tables[{"public", "t"}].exclude_columns = {"hidden"};
    auto plan = schema::plan_table(postgres::read_tables(*source_, {{"public", "t"}}).at(0), options);
    const auto key = stream_key(plan);
    return {{.table = std::make_shared<TableBinding>("P", TableShape{std::move(plan), key, 1},
                                                     schema::ValuePolicy::kFail, ApplyMode::kNet)}};
  }

  /// Whether the plan of before is refused after the statement; the table is as it was then.
  bool refused(const std::string& statement) {
    const auto loads = planned();
    source_->execute(statement);
    bool thrown = false;
    try {
      refuse_changed_tables(superuser(), loads);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kPlanOutdated) << error.message();
      EXPECT_EQ(error.context().table, "public.t");
      thrown = true;
    }
    return thrown;
  }

  std::unique_ptr<postgres::Connection> source_;
};

TEST_F(ChangedTables, APlanGoesOnThatIsStillTrue) {
  EXPECT_FALSE(refused("SELECT 1"));
  EXPECT_FALSE(refused("ALTER TABLE t ALTER note SET NOT NULL"));
  EXPECT_FALSE(refused("ALTER TABLE t ALTER note SET DEFAULT 'x'"));
  EXPECT_FALSE(refused("ALTER TABLE t ALTER hidden TYPE varchar(50)"));
  EXPECT_FALSE(refused("ALTER TYPE mood ADD VALUE 'ok'"));
  EXPECT_FALSE(refused("CREATE INDEX ON t (name)"));
}

TEST_F(ChangedTables, AnotherTypeIsSeen) {
  EXPECT_TRUE(refused("ALTER TABLE t ALTER id TYPE bigint"));
  EXPECT_TRUE(refused("ALTER TABLE t ALTER cost TYPE numeric(8,2)"));
  EXPECT_TRUE(refused("ALTER TABLE t ALTER note TYPE jsonb USING NULL"));
}

TEST_F(ChangedTables, AnotherLengthOfTheSameTypeIsSeen) {
  EXPECT_TRUE(refused("ALTER TABLE t ALTER amount TYPE numeric(12,2)"));
  EXPECT_TRUE(refused("ALTER TABLE t ALTER amount TYPE numeric"));
  EXPECT_TRUE(refused("ALTER TABLE t ALTER name TYPE varchar(40)"));
  EXPECT_TRUE(refused("ALTER TABLE t ALTER name TYPE varchar"));
  EXPECT_TRUE(refused("ALTER TABLE t ALTER at TYPE timestamp(6)"));
  EXPECT_TRUE(refused("ALTER TYPE mood ADD VALUE 'neither good nor bad'"));
}

TEST_F(ChangedTables, AColumnThatTakesNullNowIsSeen) {
  EXPECT_TRUE(refused("ALTER TABLE t ALTER name DROP NOT NULL"));
}

TEST_F(ChangedTables, ColumnsThatComeAndGoAreSeen) {
  EXPECT_TRUE(refused("ALTER TABLE t ADD COLUMN late int"));
  EXPECT_TRUE(refused("ALTER TABLE t RENAME COLUMN note TO remark"));
  EXPECT_TRUE(refused("ALTER TABLE t DROP COLUMN amount"));
}

TEST_F(ChangedTables, AnotherTableOfTheNameIsSeen) {
  EXPECT_TRUE(refused("DO 'BEGIN ALTER TABLE t RENAME TO before; CREATE TABLE t (LIKE before INCLUDING ALL); END'"));
  EXPECT_TRUE(refused("DROP TABLE t"));
}

TEST_F(ChangedTables, ARenamedTableIsLeftToTheCopy) {
  EXPECT_FALSE(refused("ALTER TABLE t RENAME TO elsewhere"));
}

}  // namespace
}  // namespace millrace::replication
