#include "schema_watching.hpp"
#include "support/error.hpp"

namespace millrace::replication {
namespace {

constexpr const char* kComputed =
    "{\"publication\":\"pub\",\"command\":\"ALTER TABLE\",\"oid\":16384,\"schema\":\"public\",\"table\":\"orders\","
    "\"dropped\":false,\"computed\":true}";

constexpr std::uint32_t kFloat8 = 701;

TEST_F(SchemaWatching, ARewriteThatComputedValuesStops) {
  for (const auto policy : {SchemaPolicy::kApply, SchemaPolicy::kIgnore, SchemaPolicy::kPause}) {
    start({.captured = true, .rewrites_told = true, .policies = policy});
    builder_->begin(Lsn(10));
    try {
      ddl(kComputed);
      FAIL() << "the copy would keep the values of before";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kSchemaChanged);
      EXPECT_EQ(error.context().table, "public.orders");
      EXPECT_NE(error.suggestion().find("millrace reload"), std::string::npos);
    }
  }
}

TEST_F(SchemaWatching, ByPolicyApplyWhoRunsThePipelineLoadsATableAnew) {
  Lines told_of;
  const auto anew = [&](const schema::TableName& table, const std::string& why) {
    told_of.push_back(table.to_string() + ": " + why);
  };
  for (const auto policy : {SchemaPolicy::kIgnore, SchemaPolicy::kPause}) {
    start({.captured = true, .rewrites_told = true, .policies = policy, .load_anew = anew});
    builder_->begin(Lsn(10));
    EXPECT_EQ(code_of([&] { ddl(kComputed); }), ErrorCode::kSchemaChanged);
  }
  EXPECT_EQ(told_of, Lines{});
  start({.captured = true, .rewrites_told = true, .load_anew = anew});
  builder_->begin(Lsn(10));
  EXPECT_EQ(code_of([&] { ddl(kComputed); }), ErrorCode::kRowsUntold);
  ASSERT_EQ(told_of.size(), 1U);
  EXPECT_TRUE(told_of[0].starts_with("public.orders: The source table was rewritten")) << told_of[0];

  // A type whose values the target cannot make from those that it has.
  start({.load_anew = anew});
  catalog_->now[2] = live(3, "size", kFloat8);
  builder_->begin(Lsn(10));
  EXPECT_EQ(code_of([&] { told({kId, kNote, {"size", kFloat8}, kSecret, kPart}); }), ErrorCode::kRowsUntold);
  ASSERT_EQ(told_of.size(), 2U);
  EXPECT_TRUE(told_of[1].starts_with("public.orders: column size: The type of a column changed from")) << told_of[1];
}

TEST_F(SchemaWatching, APartitionThatComesWithRowsStops) {
  constexpr const char* kAttached =
      "{\"publication\":\"pub\",\"command\":\"ALTER TABLE\",\"oid\":16384,\"schema\":\"public\",\"table\":\"orders\","
      "\"dropped\":false,\"attached\":true}";
  builder_->begin(Lsn(10));
  try {
    ddl(kAttached);
    FAIL() << "the copy would lack its rows";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kSchemaChanged);
    EXPECT_NE(error.message().find("attached"), std::string::npos);
  }
  start({.captured = true, .rewrites_told = true});
  table_->set_snapshot_lsn(Lsn(50));
  builder_->begin(Lsn(10));
  EXPECT_NO_THROW(ddl(kAttached)) << "the load read them";
}

TEST_F(SchemaWatching, ARewriteFromBeforeTheLoadIsInIt) {
  table_->set_snapshot_lsn(Lsn(50));
  builder_->begin(Lsn(10));
  EXPECT_NO_THROW(ddl(kComputed));
}

TEST_F(SchemaWatching, WithoutTriggersTheTablesFileTellsOfARewrite) {
  catalog_->table_files = {.numbers = {{16384, 16384}}, .columns = {{2, {700, "note text"}}}};
  builder_->look();
  ASSERT_EQ(taken(), Lines{"UPDATE [millrace].[table_state]"}) << "what is there at first is kept";
  const auto kept = parse_shape(*batch_->segments.front().steps.back().values.front());
  EXPECT_EQ(kept.files, catalog_->table_files);
  builder_->look();
  EXPECT_EQ(taken(), Lines{});

  catalog_->table_files.numbers[16384] = 20001;  // VACUUM FULL
  builder_->begin(Lsn(10));
  told({kId, kNote, kSize, kSecret, kPart});
  insert("1,a,2,s,p");
  builder_->commit(Lsn(20), 1);
  EXPECT_EQ(taken(), (Lines{"UPDATE [millrace].[table_state]", "--", "insert 1,a,2,p"}));

  catalog_->table_files.numbers[16384] = 20002;
  catalog_->table_files.columns[2].xmin = 701;
  EXPECT_THROW(builder_->look(), Error);
  builder_->begin(Lsn(30));
  EXPECT_THROW(told({kId, kNote, kSize, kSecret, kPart}), Error);
}

TEST_F(SchemaWatching, ARewriteThatMayHaveComputedValuesIsToldOnceWhereItIsIgnored) {
  Lines warnings;
  start(
      {.policies = SchemaPolicy::kIgnore, .rewritten = [&](const schema::TableName& table, const std::string& message) {
         warnings.push_back(table.to_string() + ": " + message);
       }});
  catalog_->table_files = {.numbers = {{16384, 16384}}, .columns = {{3, {700, "size int"}}}};
  builder_->look();
  catalog_->table_files = {.numbers = {{16384, 20001}}, .columns = {{3, {701, "size bigint"}}}};
  catalog_->now[2] = live(3, "size", 20);
  builder_->begin(Lsn(10));
  told({kId, kNote, {"size", 20}, kSecret, kPart});
  told({kId, kNote, {"size", 20}, kSecret, kPart});
  builder_->commit(Lsn(20), 1);
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_NE(warnings[0].find("millrace verify"), std::string::npos);
  taken();
  EXPECT_EQ(parse_shape(*batch_->segments.back().steps.back().values.front()).files, catalog_->table_files);

  for (const auto policy : {SchemaPolicy::kPause, SchemaPolicy::kApply}) {
    start({.policies = policy, .load_anew = [](const auto&, const auto&) {}});
    catalog_->table_files = {.numbers = {{16384, 20001}}, .columns = {{3, {701, "size bigint"}}}};
    builder_->look();
    catalog_->table_files = {.numbers = {{16384, 20002}}, .columns = {{3, {702, "size numeric"}}}};
    EXPECT_EQ(code_of([&] { builder_->look(); }),
              policy == SchemaPolicy::kPause ? ErrorCode::kSchemaChanged : ErrorCode::kRowsUntold);
  }
}

TEST_F(SchemaWatching, PartitionsThatGoAreToldOnceAndThoseThatComeWithRowsStop) {
  for (const bool told : {false, true}) {
    Lines warnings;
    start({.captured = told,
           .rewrites_told = told,
           .partitions_changed =
               [&](const schema::TableName& table, const std::string& message) {
                 warnings.push_back(table.to_string() + ": " + message);
               }},
          /*partitioned=*/true);
    const TableFiles first{.numbers = {{11, 11}, {12, 12}},
                           .columns = {{1, {700, "id int"}}},
                           .partitions = {{11, {"public.a", " 700"}}, {12, {"public.b", " 701"}}}};
    catalog_->table_files = first;
    builder_->look();
    taken();
    EXPECT_EQ(parse_shape(*batch_->segments.back().steps.back().values.front()).files, first);
    catalog_->table_files.numbers.erase(11);
    catalog_->table_files.partitions.erase(11);
    builder_->look();
    builder_->look();
    ASSERT_EQ(warnings.size(), 1U) << told;
    EXPECT_NE(warnings[0].find("public.orders: Detached or dropped: public.a."), std::string::npos) << warnings[0];
    EXPECT_NE(warnings[0].find("millrace verify"), std::string::npos);
    taken();
    EXPECT_EQ(parse_shape(*batch_->segments.back().steps.back().values.front()).files, catalog_->table_files);

    catalog_->table_files.numbers[13] = 13;
    catalog_->table_files.partitions[13] = {"public.c", " 900"};
    builder_->look();
    catalog_->table_files.numbers[14] = 14;
    catalog_->table_files.partitions[14] = {"public.d", " 901"};
    catalog_->filled.insert(14);
    if (told) {
      EXPECT_NO_THROW(builder_->look()) << "the trigger tells it, in its place";
      continue;
    }
    try {
      builder_->look();
      ADD_FAILURE() << "went on";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kSchemaChanged);
      EXPECT_NE(std::string(error.message()).find("public.d"), std::string::npos) << error.message();
    }
  }
}

}  // namespace
}  // namespace millrace::replication
