#include "replication/ddl_message.hpp"
#include "schema_watching.hpp"
#include "support/error.hpp"

namespace millrace::replication {
namespace {

TEST_F(SchemaWatching, AColumnAddedAmidATransaction) {
  builder_->begin(Lsn(10));
  told({kId, kNote, kSize, kSecret, kPart});
  insert("1,a,2,s,p");
  catalog_->now.push_back(live(7, "extra", 23));
  catalog_->now.back().missing = "5";
  told({kId, kNote, kSize, kSecret, kPart, kExtraColumn});
  insert("2,b,3,s,q,9");
  builder_->commit(Lsn(20), 1);
  const auto& stage = table_->stage().name;
  const auto next = stage.substr(0, stage.size() - 1) + "2";
  EXPECT_EQ(
      taken(),
      (Lines{"insert 1,a,2,p",
             "stage DROP TABLE IF EXISTS [millrace].[" + next + "]; CREATE TABLE [millrace].[" + next + "]",
             "after DROP TABLE IF EXISTS [millrace].[" + stage + "]",
             "ALTER TABLE [dbo].[orders] ADD [extra] int NULL;", "UPDATE [dbo].[orders] SET [extra] = CONVERT(int, ?);",
             "UPDATE [millrace].[table_state]", "--", "insert 2,b,3,q,9"}));
  const auto& now = batch_->segments.back().net.front().table;
  EXPECT_EQ(now->stage().name, next);
  EXPECT_EQ(now->shape().version, 2);
  const auto& saved = batch_->segments.front().steps.back().values;
  ASSERT_EQ(saved.size(), 4U);
  EXPECT_EQ(saved[0], to_json_text(now->shape()));
  EXPECT_EQ(saved[1], "P");
  EXPECT_EQ(saved[2], "public");
  EXPECT_EQ(saved[3], "orders");
  EXPECT_EQ(news_, Lines{"public.orders: column extra added: int, rows that are there got its default at 10"});
}

TEST_F(SchemaWatching, TheSameRelationAsksAndChangesNothing) {
  builder_->begin(Lsn(10));
  told({kId, kNote, kSize, kSecret, kPart});
  told({kId, kNote, kSize, kSecret, kPart});
  EXPECT_EQ(catalog_->asked, 2);
  builder_->commit(Lsn(20), 1);
  EXPECT_EQ(taken(), Lines{});
}

TEST_F(SchemaWatching, AnIgnoredChangeIsNothingAgainAndAgain) {
  start({.policies = SchemaPolicy::kIgnore});
  catalog_->now[4].not_null = false;
  builder_->begin(Lsn(10));
  told({kId, kNote, kSize, kSecret, kPart});
  insert("1,a,2,s,p");
  told({kId, kNote, kSize, kSecret, kPart});
  insert("2,a,2,s,p");
  builder_->commit(Lsn(20), 1);
  EXPECT_EQ(taken(), (Lines{"UPDATE [millrace].[table_state]", "--", "insert 1,a,2,p", "insert 2,a,2,p"}));
  EXPECT_EQ(news_, Lines{"ignored public.orders: column part takes NULL; the target's does not at 10"});
}

TEST_F(SchemaWatching, AnIgnoredChangeIsNotToldAgainAfterARestartAndMayBeFollowedThen) {
  start({.policies = SchemaPolicy::kIgnore});
  catalog_->now[4].not_null = false;
  builder_->begin(Lsn(10));
  told({kId, kNote, kSize, kSecret, kPart});
  builder_->commit(Lsn(20), 1);
  taken();
  const auto stored = parse_shape(*batch_->segments.back().steps.back().values.front());

  start({.policies = SchemaPolicy::kIgnore});
  relations_.bind(std::make_shared<TableBinding>("P", stored, schema::ValuePolicy::kFail, ApplyMode::kNet));
  catalog_->now[4].not_null = false;
  builder_->begin(Lsn(30));
  told({kId, kNote, kSize, kSecret, kPart});
  builder_->commit(Lsn(40), 1);
  EXPECT_EQ(taken(), Lines{});
  EXPECT_EQ(news_.size(), 1U);

  start({});
  relations_.bind(std::make_shared<TableBinding>("P", stored, schema::ValuePolicy::kFail, ApplyMode::kNet));
  catalog_->now[4].not_null = false;
  builder_->begin(Lsn(50));
  told({kId, kNote, kSize, kSecret, kPart});
  builder_->commit(Lsn(60), 1);
  taken();
  EXPECT_EQ(news_.back(), "public.orders: column part takes NULL at 50");
}

TEST_F(SchemaWatching, ATableThatIsLeftAloneIsToldOnce) {
  const auto other = [&](std::uint32_t id) {
    auto message = relation({kId});
    message.id = {id};
    message.name = "returns";
    return message;
  };
  auto told_before = std::make_shared<std::set<std::string>>();
  const auto wants = [](const schema::TableName& source) { return source.name == "returns"; };
  start({.policies = SchemaPolicy::kIgnore, .wants_table = wants, .tables_left = told_before});
  builder_->begin(Lsn(10));
  builder_->change(other(20000));
  builder_->change(other(20000));
  builder_->commit(Lsn(20), 1);
  EXPECT_EQ(taken(), Lines{});
  const Lines once{"ignored public.returns: " + std::string(kTableLeftAlone) + " at 10"};
  EXPECT_EQ(news_, once);
  EXPECT_EQ(*told_before, std::set<std::string>{"public.returns"});

  start({.policies = SchemaPolicy::kIgnore, .wants_table = wants, .tables_left = told_before});
  builder_->begin(Lsn(30));
  builder_->change(other(20000));
  builder_->commit(Lsn(40), 1);
  taken();
  EXPECT_EQ(news_, once);
}

TEST_F(SchemaWatching, ARefusalTellsWhereInTheStreamItStands) {
  start({.policies = SchemaPolicy::kPause});
  builder_->begin(Lsn(0x30));
  try {
    told({kId, {"remark"}, kSize, kSecret, kPart});
    FAIL() << "the policy is pause";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kSchemaChanged);
    EXPECT_EQ(error.context().lsn, "0/30");
    EXPECT_EQ(error.context().column, "note");
    EXPECT_NE(error.suggestion().find("public.orders"), std::string::npos);
  }
}

TEST_F(SchemaWatching, ANameThatCameAndWentMayComeAgainAndStay) {
  builder_->begin(Lsn(10));
  told({kId, kNote, kSize, kSecret, kPart, kExtraColumn});  // gone from the catalog since
  insert("1,a,2,s,p,9");
  told({kId, kNote, kSize, kSecret, kPart});
  insert("2,a,2,s,p");
  catalog_->now.push_back(live(8, "extra", 23));
  told({kId, kNote, kSize, kSecret, kPart, kExtraColumn});
  insert("3,a,2,s,p,9");
  builder_->commit(Lsn(20), 1);
  const auto lines = taken();
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "ALTER TABLE [dbo].[orders] ADD [extra] int NULL;"), 1);
  EXPECT_EQ(lines.back(), "insert 3,a,2,p,9");
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "insert 1,a,2,p"), 1);
  EXPECT_EQ(batch_->segments.back().net.front().table->plan().left_out, Lines{"secret"});
}

TEST_F(SchemaWatching, WhatTheStreamTellsGoesBeforeTheCatalog) {
  builder_->begin(Lsn(10));
  auto then = orders_live();
  then[1].name = "remark";
  ddl(ddl_content("pub", then));
  // Meanwhile the column has its old name again, which the catalog alone would take for no change at all.
  told({kId, {"remark"}, kSize, kSecret, kPart});
  builder_->commit(Lsn(20), 1);
  EXPECT_EQ(catalog_->asked, 0);
  EXPECT_EQ(taken()[2], "EXEC sp_rename N'[dbo].[orders].[note]', N'remark', N'COLUMN';");
}

TEST_F(SchemaWatching, WhatBecameOfKnownColumnsIsDoneAtOnce) {
  builder_->begin(Lsn(10));
  told({kId, kNote, kSize, kSecret, kPart});
  insert("1,a,2,s,p");
  auto then = orders_live();
  then.erase(then.begin() + 1);
  then.push_back(live(7, "note"));
  ddl(ddl_content("pub", then));
  EXPECT_THROW(insert("2,3,s,q,b"), Error) << "PostgreSQL tells the relation anew before the next row";
  told({kId, kSize, kSecret, kPart, kNote});
  insert("2,3,s,q,b");
  builder_->commit(Lsn(20), 1);
  const auto lines = taken();
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "UPDATE [millrace].[table_state]"), 2);
  const auto place = [&](const std::string& line) { return std::find(lines.begin(), lines.end(), line); };
  EXPECT_LT(place("insert 1,a,2,p"), place("ALTER TABLE [dbo].[orders] DROP COLUMN [note];"));
  EXPECT_LT(place("ALTER TABLE [dbo].[orders] DROP COLUMN [note];"),
            place("ALTER TABLE [dbo].[orders] ADD [note] nvarchar(max) NULL;"));
  EXPECT_LT(place("ALTER TABLE [dbo].[orders] ADD [note] nvarchar(max) NULL;"), place("insert 2,3,q,b"));
  EXPECT_NE(place("insert 2,3,q,b"), lines.end());
}

TEST_F(SchemaWatching, WithoutCaptureANewColumnOfAnOldNameIsRefused) {
  auto later = orders_live();
  later.erase(later.begin() + 1);
  later.push_back(live(7, "note"));
  catalog_->now = later;
  builder_->begin(Lsn(10));
  EXPECT_THROW(told({kId, kNote, kSize, kSecret, kPart}), Error);
}

TEST_F(SchemaWatching, WithCaptureTheStreamWillTellOfIt) {
  start({.captured = true});
  auto later = orders_live();
  later.erase(later.begin() + 1);
  later.push_back(live(7, "note"));
  catalog_->now = later;
  builder_->begin(Lsn(10));
  told({kId, kNote, kSize, kSecret, kPart});
  builder_->commit(Lsn(20), 1);
  EXPECT_EQ(taken(), Lines{});
}

TEST_F(SchemaWatching, AColumnsDefaultByTheStreamsWord) {
  builder_->begin(Lsn(10));
  auto then = orders_live();
  then.push_back(live(7, "extra", 23));
  then.back().missing = "5";
  ddl(ddl_content("pub", then));
  told({kId, kNote, kSize, kSecret, kPart, kExtraColumn});
  builder_->commit(Lsn(20), 1);
  ASSERT_EQ(taken()[4], "UPDATE [dbo].[orders] SET [extra] = CONVERT(int, ?);");
  EXPECT_EQ(batch_->segments.front().steps[3].values, std::vector<std::optional<std::string>>{"5"});
}

TEST_F(SchemaWatching, WhatWasToldIsKnownAfterARestart) {
  start({.captured = true});
  builder_->begin(Lsn(10));
  auto then = orders_live();
  then.push_back(live(7, "extra", 23));
  then.back().missing = "5";
  ddl(ddl_content("pub", then));
  builder_->commit(Lsn(20), 1);
  ASSERT_EQ(taken(), Lines{"UPDATE [millrace].[table_state]"}) << "no row came: only the stream's word is kept";
  const auto kept = *batch_->segments.front().steps.back().values.front();

  start({.captured = true});
  table_ = std::make_shared<TableBinding>("P", parse_shape(kept), schema::ValuePolicy::kFail, ApplyMode::kNet);
  relations_.bind(table_);
  // The catalog is ahead: two columns have exchanged their names, one is gone, and the new one has another default.
  catalog_->now = {live(1, "id", 23, -1, true), live(2, "size"), live(5, "secret"), live(6, "part", 1043, 24, true),
                   live(7, "extra", 23)};
  catalog_->now.back().missing = "6";
  builder_->begin(Lsn(30));
  told({kId, kNote, kSize, kSecret, kPart, kExtraColumn});
  insert("2,b,3,s,q,9");
  builder_->commit(Lsn(40), 1);
  const auto lines = taken();
  EXPECT_EQ(catalog_->asked, 0);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "ALTER TABLE [dbo].[orders] ADD [extra] int NULL;"), 1);
  EXPECT_EQ(std::count_if(lines.begin(), lines.end(), [](auto& line) { return line.find("rename") != line.npos; }), 0);
  EXPECT_EQ(batch_->segments.front().steps[2].values, std::vector<std::optional<std::string>>{"5"});
  EXPECT_TRUE(batch_->segments.back().net.front().table->shape().told.columns.empty()) << "it waits no longer";
}

constexpr const char* kNoDefault = ",\"default\":null,\"identity\":false";
constexpr const char* kDefault =
    ",\"default\":"
    "\"now()\",\"identity\":false";

TEST_F(SchemaWatching, ADefaultThatWasSetLaterIsNoneOfTheOldRows) {
  builder_->begin(Lsn(10));
  auto then = orders_live();
  then.push_back(live(7, "extra", 23));
  ddl(ddl_content("pub", then, kNoDefault));
  ddl(ddl_content("pub", then, kDefault));
  // The catalog is ahead, and would have it computed row by row.
  catalog_->now = then;
  catalog_->details[7] = {column(7, "extra", "int4", 23), {OldRowsValue::Known::kUnlogged}};
  told({kId, kNote, kSize, kSecret, kPart, kExtraColumn});
  builder_->commit(Lsn(20), 1);
  EXPECT_EQ(taken()[3], "ALTER TABLE [dbo].[orders] ADD [extra] int NULL;");
}

TEST_F(SchemaWatching, ADefaultThatCameWithTheColumnStopsWhenItIsComputedRowByRow) {
  builder_->begin(Lsn(10));
  auto then = orders_live();
  then.push_back(live(7, "extra", 23));
  ddl(ddl_content("pub", then, kDefault));
  catalog_->now = then;
  EXPECT_THROW(told({kId, kNote, kSize, kSecret, kPart, kExtraColumn}), Error);
}

TEST_F(SchemaWatching, ARewriteForAnotherColumnsTypeLeavesTheOldRowsWhatTheyHad) {
  builder_->begin(Lsn(10));
  auto then = orders_live();
  then.push_back(live(7, "extra", 23));
  then.back().missing = "5";
  ddl(ddl_content("pub", then));
  then[2] = live(3, "size", 20);
  then.back().missing.reset();
  ddl(ddl_content("pub", then, kDefault, 20001));
  catalog_->now = then;
  catalog_->details[7] = {column(7, "extra", "int4", 23), {OldRowsValue::Known::kUnlogged}};
  told({kId, kNote, {"size", 20}, kSecret, kPart, kExtraColumn});
  builder_->commit(Lsn(20), 1);
  const auto lines = taken();
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "UPDATE [dbo].[orders] SET [extra] = CONVERT(int, ?);"), 1);
}

TEST_F(SchemaWatching, ARewriteSinceTheColumnCameLeavesItToTheCatalog) {
  builder_->begin(Lsn(10));
  auto then = orders_live();
  then.push_back(live(7, "extra", 23));
  ddl(ddl_content("pub", then, kNoDefault));
  ddl(ddl_content("pub", then, kNoDefault, 20001));
  catalog_->now = then;
  catalog_->details[7] = {column(7, "extra", "int4", 23), {OldRowsValue::Known::kUnlogged}};
  EXPECT_THROW(told({kId, kNote, kSize, kSecret, kPart, kExtraColumn}), Error);
}

TEST_F(SchemaWatching, MessagesOfOthersAndOldOnesDoNotCount) {
  builder_->begin(Lsn(10));
  auto then = orders_live();
  then[1].name = "remark";
  ddl(ddl_content("other", then));
  ddl("no JSON");
  ddl("{}");
  told({kId, kNote, kSize, kSecret, kPart});
  EXPECT_EQ(catalog_->asked, 1);
  ddl(ddl_content("pub", orders_live()));
  catalog_->now.push_back(live(7, "extra", 23));
  told({kId, kNote, kSize, kSecret, kPart, kExtraColumn});  // a change that no trigger saw
  EXPECT_EQ(catalog_->asked, 2);
  builder_->commit(Lsn(20), 1);
  EXPECT_EQ(taken()[2], "ALTER TABLE [dbo].[orders] ADD [extra] int NULL;");
}

TEST_F(SchemaWatching, ADroppedTableIsTold) {
  builder_->begin(Lsn(10));
  ddl("{\"publication\":\"pub\",\"command\":\"DROP TABLE\",\"identity\":\"x\",\"oid\":16384,\"schema\":\"public\","
      "\"table\":\"orders\",\"dropped\":true}");
  builder_->commit(Lsn(20), 1);
  EXPECT_EQ(taken(), Lines{});
  EXPECT_EQ(news_, Lines{"public.orders: table dropped; its copy stays as it is at 10"});
}

TEST_F(SchemaWatching, ADifferenceFromBeforeTheLoadWaits) {
  table_->set_snapshot_lsn(Lsn(50));
  builder_->begin(Lsn(10));
  told({kId, {"older"}, kSize, kSecret, kPart});
  insert("1,a,2,s,p");
  builder_->commit(Lsn(20), 1);
  EXPECT_EQ(catalog_->asked, 0);
  builder_->begin(Lsn(60));
  told({kId, kNote, kSize, kSecret, kPart});
  insert("2,b,3,s,q");
  builder_->commit(Lsn(70), 1);
  EXPECT_EQ(taken(), Lines{"insert 2,b,3,q"});
}

TEST_F(SchemaWatching, ADifferenceFromBeforeTheLoadCountsWhenNothingElseIsTold) {
  table_->set_snapshot_lsn(Lsn(50));
  builder_->begin(Lsn(10));
  told({kId, kNote, kSize, kSecret, kPart, kExtraColumn});
  builder_->commit(Lsn(20), 1);
  catalog_->now.push_back(live(7, "extra", 23));
  builder_->begin(Lsn(60));
  insert("2,b,3,s,q,7");
  builder_->commit(Lsn(70), 1);
  const auto lines = taken();
  EXPECT_EQ(lines[2], "ALTER TABLE [dbo].[orders] ADD [extra] int NULL;");
  EXPECT_EQ(lines.back(), "insert 2,b,3,q,7");
}

TEST_F(SchemaWatching, ATableThatWasMadeAnewIsRefused) {
  builder_->begin(Lsn(10));
  std::vector<Wire> columns = {kId, kNote, kSize, kSecret, kPart};
  auto anew = relation(columns);
  anew.id = {16999};
  EXPECT_THROW(builder_->change(anew), Error);
}

TEST_F(SchemaWatching, ATypeThatABinaryStreamCannotSendBeginsTheStreamAnew) {
  start({.binary = true});
  catalog_->now.push_back(live(7, "tags", 1007));
  builder_->begin(Lsn(10));
  try {
    told({kId, kNote, kSize, kSecret, kPart, {"tags", 1007}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kStreamForm);
    EXPECT_TRUE(error.retriable());
  }
}

TEST(DdlMessage, ReadsWhatTheCaptureWrites) {
  const auto message = parse_ddl_message(ddl_content("pub", orders_live()));
  ASSERT_TRUE(message);
  EXPECT_EQ(message->publication, "pub");
  EXPECT_EQ(message->table, (schema::TableName{"public", "orders"}));
  ASSERT_EQ(message->columns.size(), 5U);
  EXPECT_EQ(message->columns[4].modifier, 24);
  EXPECT_TRUE(message->columns[4].not_null);
  EXPECT_FALSE(parse_ddl_message("[]"));
  EXPECT_FALSE(parse_ddl_message("{\"publication\":1}"));
}

}  // namespace
}  // namespace millrace::replication
