#include "replication/table_rename.hpp"

#include <gtest/gtest.h>

#include "golden.hpp"
#include "replication/batch_builder.hpp"
#include "replication/schema_watcher.hpp"
#include "schema_fixture.hpp"
#include "support/error.hpp"
#include "tuples.hpp"

namespace millrace::replication {
namespace {

using schema::TableName;

constexpr std::uint32_t kOrdersId = 16384;
constexpr std::uint32_t kArchive = 16390;

std::string shown(const std::vector<TargetStep>& steps) {
  std::string text;
  for (const auto& step : steps) text += shown(step.news ? step.news->message : "", Sql{step.sql, step.values});
  return text;
}

std::shared_ptr<TableBinding> archive() {
  auto table = source_table("archive", {column(1, "id", "int4", 23, true), column(2, "note", "text", 25)}, {"id"});
  table.oid = {kArchive};
  return bind(table, ApplyMode::kNet, {}, 4);
}

TEST(RenameSteps, OneTableAndItsTarget) {
  const auto text = shown(rename_steps("P", {{.table = orders(), .source = {"sales", "it's"}, .target = "it's"}}));
  expect_golden("rename_table", text);
}

TEST(RenameSteps, TheTargetStaysWhereNothingNamesAnother) {
  const auto steps = rename_steps("P", {{.table = orders(), .source = {"sales", "orders"}, .ignored = true}});
  expect_golden("rename_source_alone", shown(steps));
  EXPECT_EQ(steps.back().news->kind, StepNews::Kind::kIgnored);
}

TEST(RenameSteps, TwoThatExchangeNamesGoByAThird) {
  expect_golden("rename_swap",
                shown(rename_steps("P", {{.table = orders(), .source = {"public", "archive"}, .target = "archive"},
                                         {.table = archive(), .source = {"public", "orders"}, .target = "orders"}})));
}

/// The stream carries public.orders and public.archive, into tables of their names.
class TableRenaming : public testing::Test {
 protected:
  void SetUp() override { start({}); }

  void start(WatcherSettings settings) {
    settings.pipeline = "P";
    settings.publication = "pub";
    settings.target_schema = "dbo";
    settings.tables_renamed = [this](const auto& names) {
      for (const auto& [from, to] : names) seen_.push_back(from.to_string() + " > " + to.to_string());
    };
    settings.renames_applied = [this] { ++applied_; };
    auto catalog = std::make_unique<FakeCatalog>();
    catalog_ = catalog.get();
    catalog_->now = {live(1, "id", 23, -1, true), live(2, "note")};
    catalog_->live_names = {{kOrdersId, {"public", "orders"}}, {kArchive, {"public", "archive"}}};
    watcher_ = make_schema_watcher(std::move(settings), std::move(catalog));
    relations_ = RelationMap();
    builder_ = std::make_unique<BatchBuilder>(
        relations_, *watcher_, [](const TableBinding&) { return false; }, true);
    auto table = source_table("orders", {column(1, "id", "int4", 23, true), column(2, "note", "text", 25)}, {"id"});
    orders_ = bind(table);
    archive_ = archive();
    relations_.bind(orders_);
    relations_.bind(archive_);
  }

  void told(std::uint32_t oid, const std::string& name, const std::string& schema = "public") {
    const std::vector<Wire> columns{kId, kNote};
    auto message = relation(columns);
    message.id = {oid};
    message.schema = schema;
    message.name = name;
    builder_->change(message);
  }
  void insert(std::uint32_t oid, std::string_view row) {
    builder_->change(pgoutput::Insert{.relation = {oid}, .row = tuple(row)});
  }
  void ddl(std::uint32_t oid, const std::string& name, const std::string& schema = "public") {
    const auto content = R"({"publication":"pub","command":"ALTER TABLE","oid":)" + std::to_string(oid) +
                         R"(,"schema":")" + schema + R"(","table":")" + name +
                         R"(","dropped":false,"file":1,"columns":[{"attnum":1,"name":"id","type":23,"typmod":-1,)"
                         R"("not_null":true,"missing":null},{"attnum":2,"name":"note","type":25,"typmod":-1,)"
                         R"("not_null":false,"missing":null}]})";
    builder_->change(pgoutput::LogicalMessage{.transactional = true, .prefix = "millrace.ddl", .content = content});
  }

  /// Rows as "target < row", renames as what they tell.
  std::vector<std::string> taken() {
    batch_ = builder_->take();
    std::vector<std::string> lines;
    for (const auto& segment : batch_->segments) {
      for (const auto& part : segment.net) {
        part.changes.for_each(
            [&](const NetChange& change) { lines.push_back(part.table->target().name + " < " + show(change)); });
      }
      for (const auto& step : segment.steps) {
        if (step.news) lines.push_back(step.news->table.to_string() + ": " + step.news->message);
        if (step.committed) step.committed();
      }
    }
    return lines;
  }
  using Lines = std::vector<std::string>;

  /// The refusal's message, or "followed".
  std::string refused(const std::function<void()>& change) {
    try {
      change();
      return "followed";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kSchemaChanged);
      return error.context().table + ": " + error.message();
    }
  }

  FakeCatalog* catalog_ = nullptr;
  RelationMap relations_;
  std::unique_ptr<SchemaWatcher> watcher_;
  std::unique_ptr<BatchBuilder> builder_;
  std::shared_ptr<TableBinding> orders_;
  std::shared_ptr<TableBinding> archive_;
  std::unique_ptr<Batch> batch_;
  Lines seen_;
  int applied_ = 0;
};

TEST_F(TableRenaming, RowsBeforeAndBehindInOneTransaction) {
  builder_->begin(Lsn(10));
  told(kOrdersId, "orders");
  insert(kOrdersId, "1,a");
  ddl(kOrdersId, "sold");
  told(kOrdersId, "sold");
  insert(kOrdersId, "2,b");
  builder_->commit(Lsn(20), 1);
  EXPECT_EQ(taken(), (Lines{"orders < insert 1,a",
                            "public.sold: table renamed, it was public.orders; dbo.orders on "
                            "the target is dbo.sold now",
                            "sold < insert 2,b"}));
  EXPECT_EQ(seen_, Lines{"public.orders > public.sold"});
  EXPECT_EQ(applied_, 1);
  EXPECT_TRUE(relations_.tables().contains({"public", "sold"}));
  EXPECT_FALSE(relations_.tables().contains({"public", "orders"}));
  const auto& saved = batch_->segments.front().steps.back().values;
  EXPECT_EQ(parse_shape(*saved.at(0)).plan.source.name, (TableName{"public", "sold"}));
  EXPECT_EQ(parse_shape(*saved.at(0)).plan.target.name, (TableName{"dbo", "sold"}));
  EXPECT_EQ(saved.at(3), "sold");
}

TEST_F(TableRenaming, TheStageIsOneThatNoOtherTableHad) {
  // stage names are made of the source's name and the version: archive's is at 4.
  builder_->begin(Lsn(10));
  ddl(kOrdersId, "sold");
  builder_->commit(Lsn(20), 1);
  taken();
  EXPECT_EQ(relations_.tables().at({"public", "sold"})->shape().version, 5);
}

TEST_F(TableRenaming, NamesThatAreExchangedByWayOfAThird) {
  builder_->begin(Lsn(10));
  told(kOrdersId, "orders");
  told(kArchive, "archive");
  insert(kOrdersId, "1,o");
  insert(kArchive, "1,a");
  ddl(kOrdersId, "way");
  ddl(kArchive, "orders");
  ddl(kOrdersId, "archive");
  told(kArchive, "orders");
  insert(kArchive, "2,a");
  told(kOrdersId, "archive");
  insert(kOrdersId, "2,o");
  builder_->commit(Lsn(20), 1);
  const auto lines = taken();
  ASSERT_EQ(lines.size(), 7U);
  EXPECT_EQ(lines[0], "orders < insert 1,o");
  EXPECT_EQ(lines[1], "archive < insert 1,a");
  EXPECT_EQ(lines[5], "orders < insert 2,a") << "the table that is named orders now";
  EXPECT_EQ(lines[6], "archive < insert 2,o");
}

TEST_F(TableRenaming, WithoutATriggerTheCatalogTellsOfBoth) {
  builder_->begin(Lsn(10));
  told(kArchive, "archive");
  insert(kArchive, "1,a");
  catalog_->live_names = {{kOrdersId, {"public", "archive"}}, {kArchive, {"public", "orders"}}};
  told(kOrdersId, "archive");
  insert(kOrdersId, "2,o");
  // archive's own relation was not told anew, and its rows are its own all the same.
  insert(kArchive, "3,a");
  builder_->commit(Lsn(20), 1);
  const auto lines = taken();
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_EQ(lines[0], "archive < insert 1,a");
  EXPECT_EQ(lines[3], "archive < insert 2,o");
  EXPECT_EQ(lines[4], "orders < insert 3,a");
  told(kArchive, "orders");
  EXPECT_EQ(seen_.size(), 2U) << "once";
}

TEST_F(TableRenaming, ANameOfThePastIsNothing) {
  catalog_->live_names[kOrdersId] = {"public", "latest"};
  builder_->begin(Lsn(10));
  told(kOrdersId, "between");
  insert(kOrdersId, "1,o");
  told(kOrdersId, "latest");
  insert(kOrdersId, "2,o");
  told(kOrdersId, "between");
  insert(kOrdersId, "3,o");
  builder_->commit(Lsn(20), 1);
  EXPECT_EQ(taken(), (Lines{"public.latest: table renamed, it was public.orders; dbo.orders on the target is "
                            "dbo.latest now",
                            "latest < insert 1,o", "latest < insert 2,o", "latest < insert 3,o"}));
}

TEST_F(TableRenaming, AnotherTableTakesTheNameOfARenamedOne) {
  catalog_->live_names[kOrdersId] = {"public", "orders_old"};
  builder_->begin(Lsn(10));
  told(20000, "orders");  // which the pipeline does not carry
  insert(20000, "1,new");
  told(kOrdersId, "orders_old");
  insert(kOrdersId, "2,old");
  builder_->commit(Lsn(20), 1);
  EXPECT_EQ(taken(), (Lines{"public.orders_old: table renamed, it was public.orders; dbo.orders on the target is "
                            "dbo.orders_old now",
                            "orders_old < insert 2,old"}));
}

TEST_F(TableRenaming, AnotherTableTakesTheNameOfADroppedOne) {
  catalog_->live_names.erase(kOrdersId);
  builder_->begin(Lsn(10));
  EXPECT_EQ(refused([&] { told(20000, "orders"); }),
            "public.orders: The source table was dropped and another one of its name was made.");
  EXPECT_EQ(refused([&] { told(kArchive, "orders"); }), "followed") << "the catalog has not this name";
  catalog_->live_names[kArchive] = {"public", "orders"};
  EXPECT_EQ(
      refused([&] { told(kArchive, "orders"); }),
      "public.archive: The source table is named public.orders now, as a table of the pipeline was that is gone.");
}

TEST_F(TableRenaming, IgnoreAndAChosenNameLeaveTheTarget) {
  start({.policies = SchemaPolicy::kIgnore});
  builder_->begin(Lsn(10));
  ddl(kOrdersId, "sold");
  told(kOrdersId, "sold");
  insert(kOrdersId, "1,a");
  builder_->commit(Lsn(20), 1);
  EXPECT_EQ(taken(), (Lines{"public.sold: table renamed, it was public.orders; on the target it stays dbo.orders",
                            "orders < insert 1,a"}));
  start({.own_names = {{"public", "orders"}}});
  builder_->begin(Lsn(30));
  ddl(kOrdersId, "sold");
  builder_->commit(Lsn(40), 1);
  EXPECT_EQ(taken(), Lines{"public.sold: table renamed, it was public.orders; on the target it stays dbo.orders"});
}

TEST_F(TableRenaming, PauseAndALoadStop) {
  start({.policies = SchemaPolicy::kPause});
  builder_->begin(Lsn(10));
  EXPECT_EQ(refused([&] { ddl(kOrdersId, "sold"); }), "public.orders: The source table is named public.sold now.");
  start({.loading = true});
  builder_->begin(Lsn(10));
  EXPECT_EQ(refused([&] { ddl(kOrdersId, "sold"); }),
            "public.orders: The source table is named public.sold now. It was renamed while it was loaded.");
}

TEST_F(TableRenaming, WhatALoadHoldsIsKnownByItsName) {
  orders_->set_snapshot_lsn(Lsn(50));
  builder_->begin(Lsn(10));
  told(kOrdersId, "former");
  insert(kOrdersId, "1,a");
  ddl(kOrdersId, "former");
  builder_->commit(Lsn(20), 1);
  EXPECT_EQ(taken(), Lines{});
  EXPECT_EQ(seen_, Lines{});
}

}  // namespace
}  // namespace millrace::replication
