#include "sqlserver/catalog.hpp"

#include <gmock/gmock.h>

#include <algorithm>

#include "lab_sqlserver.hpp"

namespace millrace::sqlserver {
namespace {

using testing::ElementsAre;
using testing::Optional;

class Catalog : public LabSqlServer {
 protected:
  void make(const std::string& name, int rows) {
    session().execute("CREATE TABLE " + quoted(name) + " (id int NOT NULL PRIMARY KEY)");
    for (int i = 0; i < rows; ++i)
      session().execute("INSERT INTO " + quoted(name) + " VALUES (" + std::to_string(i) + ")");
  }
};

TEST_F(Catalog, EstimatesRowsOfManyTablesAtOnceAndTellsAbsentOnes) {
  make("three", 3);
  make("none", 0);
  make("it's [odd]", 1);
  EXPECT_THAT(estimate_rows(session(), {table("three"), table("absent"), table("none"), table("it's [odd]")}),
              ElementsAre(Optional(3), std::nullopt, Optional(0), Optional(1)));
  EXPECT_THAT(estimate_rows(session(), {}), ElementsAre());
}

TEST_F(Catalog, EstimatesMoreTablesThanOneQueryAsksFor) {
  make("last", 2);
  std::vector<schema::TableName> names(1200, table("absent"));
  names.push_back(table("last"));
  const auto rows = estimate_rows(session(), names);
  ASSERT_EQ(rows.size(), names.size());
  EXPECT_EQ(rows.back(), 2);
  EXPECT_EQ(std::count(rows.begin(), rows.end(), std::nullopt), 1200);
}

TEST_F(Catalog, ObstaclesHaveRows) {
  make("three", 3);
  EXPECT_EQ(read_obstacles(session(), table("three")).rows, 3);
}

}  // namespace
}  // namespace millrace::sqlserver
