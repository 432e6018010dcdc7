#include "manager/table_renames.hpp"

#include <gtest/gtest.h>

namespace millrace::manager {
namespace {

using replication::TableIdentity;
using schema::TableName;
using Words = std::vector<std::string>;

const TableName kA{"sales", "a"};
const TableName kB{"sales", "b"};
const TableName kC{"sales", "c"};
const TableName kTargetA{"dbo", "a"};
const TableName kTargetB{"dbo", "b"};
const TableName kTargetC{"dbo", "c"};

/// sales.a and sales.b, by name and by pattern.
class TableRenames : public testing::Test {
 protected:
  void SetUp() override {
    spec_.source.schema = "sales";
    spec_.target.schema = "dbo";
    spec_.tables = {"a", "sales.b*"};
    spec_.mapping.tables[kA].exclude_columns = {"secret"};
    resources_.routes = {{kA, kTargetA, "", {"id"}, {1}}, {kB, kTargetB, "", {"id"}, {2}}};
    resources_.target_tables = {kTargetA, kTargetB};
    resources_.replica_identity = {{kA}};
    resources_.removed = {kC};
  }

  RenamedPipeline now(const std::vector<TableIdentity>& tables) { return renamed_pipeline(spec_, resources_, tables); }

  pipeline::PipelineSpec spec_;
  Resources resources_;
};

TEST_F(TableRenames, NothingToDo) {
  const auto result = now({{kA, kTargetA, {1}}, {kB, kTargetB, {2}}});
  EXPECT_FALSE(result.renamed);
  EXPECT_FALSE(result.numbered);
}

TEST_F(TableRenames, NumbersAreFilledInByName) {
  resources_.routes[0].oid = {};
  const auto result = now({{kA, kTargetA, {7}}, {kB, kTargetB, {2}}});
  EXPECT_FALSE(result.renamed);
  EXPECT_TRUE(result.numbered);
  EXPECT_EQ(result.resources.routes[0].oid, Oid{7});
}

TEST_F(TableRenames, ATableThatWasMadeAnewIsKnownByItsName) {
  const auto result = now({{kA, kTargetA, {70}}, {kB, kTargetB, {2}}});
  EXPECT_FALSE(result.renamed);
  EXPECT_EQ(result.resources.routes[0].oid, Oid{70});
}

TEST_F(TableRenames, AllThatNamesTheTableFollows) {
  const auto result = now({{kC, kTargetC, {1}}, {kB, kTargetB, {2}}});
  EXPECT_TRUE(result.renamed);
  EXPECT_EQ(result.resources.routes[0].source, kC);
  EXPECT_EQ(result.resources.routes[0].target, kTargetC);
  EXPECT_EQ(result.resources.target_tables, (std::vector{kTargetC, kTargetB}));
  EXPECT_EQ(result.resources.replica_identity[0].table, kC);
  EXPECT_TRUE(result.resources.removed.empty());
  EXPECT_EQ(result.spec.tables, (Words{schema::quote_pg(kC), "sales.b*"}));
  EXPECT_EQ(result.spec.mapping.tables.at(kC).exclude_columns, Words{"secret"});
  EXPECT_FALSE(result.spec.mapping.tables.at(kC).rename);
  EXPECT_FALSE(result.spec.mapping.tables.contains(kA));
  EXPECT_EQ(result.former, std::vector{kA});
}

TEST_F(TableRenames, ATargetThatKeptItsNameHasItByChoiceFromNowOn) {
  const auto result = now({{kC, kTargetA, {1}}, {kB, kTargetB, {2}}});
  EXPECT_EQ(result.spec.mapping.tables.at(kC).rename, kTargetA);
  EXPECT_EQ(result.resources.target_tables, (std::vector{kTargetA, kTargetB}));
}

TEST_F(TableRenames, APatternStaysAndTheNameStandsBesideItWhereItIsNeeded) {
  EXPECT_EQ(now({{kA, kTargetA, {1}}, {{"sales", "big"}, {"dbo", "big"}, {2}}}).spec.tables, (Words{"a", "sales.b*"}));
  EXPECT_EQ(now({{kA, kTargetA, {1}}, {kC, kTargetC, {2}}}).spec.tables,
            (Words{"a", "sales.b*", schema::quote_pg(kC)}));
}

TEST_F(TableRenames, NamesThatAreExchangedAreExchangedOnce) {
  spec_.tables = {"a", "b"};
  const std::vector<TableIdentity> tables{{kB, kTargetB, {1}}, {kA, kTargetA, {2}}};
  const auto result = now(tables);
  EXPECT_TRUE(result.renamed);
  EXPECT_EQ(result.resources.routes[0].source, kB);
  EXPECT_EQ(result.resources.routes[1].source, kA);
  EXPECT_EQ(result.resources.replica_identity[0].table, kB);
  EXPECT_EQ(result.spec.mapping.tables.at(kB).exclude_columns, Words{"secret"});
  EXPECT_FALSE(result.spec.mapping.tables.contains(kA));
  EXPECT_EQ(result.spec.tables, (Words{schema::quote_pg(kB), schema::quote_pg(kA)}));
  EXPECT_TRUE(result.former.empty());
  EXPECT_FALSE(renamed_pipeline(result.spec, result.resources, tables).renamed);
}

TEST_F(TableRenames, TheNumbersAreStored) {
  EXPECT_EQ(parse_resources(to_json_text(resources_)).routes[1].oid, Oid{2});
}

}  // namespace
}  // namespace millrace::manager
