#include "replication/embedded_engine.hpp"

#include <gtest/gtest.h>

namespace millrace::replication {
namespace {

pipeline::PipelinePlan plan() {
  pipeline::PipelinePlan made;
  made.names.pipeline = "P";
  made.names.slot = "p_slot";
  made.names.publication = "p_pub";
  return made;
}

schema::TablePlan table_of(const std::string& type) {
  schema::SourceTable source;
  source.name = {"public", "a"};
  source.primary_key = {"id"};
  schema::SourceColumn key{.attnum = 1, .name = "id", .not_null = true};
  key.type.schema = "pg_catalog";
  key.type.name = key.type.declared = "int4";
  key.type.oid = Oid{23};
  schema::SourceColumn value{.attnum = 2, .name = "v"};
  value.type.schema = "pg_catalog";
  value.type.name = value.type.declared = type;
  source.columns = {key, value};
  return schema::plan_table(source, {});
}

TEST(EmbeddedEngine, IsKnownByWhatItIsLike) {
  const auto engine = make_embedded_engine();
  pipeline::PipelineSpec spec;
  auto traits = engine->traits(spec);
  EXPECT_TRUE(traits.runs_in_process);
  EXPECT_TRUE(traits.notices_unfit_values);
  EXPECT_TRUE(traits.carries_inserts_only);
  EXPECT_FALSE(traits.uses_topics);
  EXPECT_EQ(traits.temporary_slots, 1);
  EXPECT_EQ(traits.rows_on_target, preflight::RowsOnTarget::kRefused);
  spec.snapshot = pipeline::SnapshotMode::kNoData;
  spec.embedded.load_policy = pipeline::LoadPolicy::kTruncate;
  traits = engine->traits(spec);
  EXPECT_EQ(traits.temporary_slots, 0);
  EXPECT_EQ(traits.rows_on_target, preflight::RowsOnTarget::kRemoved);
}

TEST(RunPlanOf, TakesEveryChoiceOfTheUser) {
  auto made = plan();
  made.spec.embedded = {.load_policy = pipeline::LoadPolicy::kTruncate,
                        .schema_policy = pipeline::SchemaPolicy::kPause,
                        .poison = pipeline::PoisonPolicy::kQuarantine,
                        .load_workers = 9};
  made.spec.mapping.value_policy = schema::ValuePolicy::kClamp;
  made.spec.truncate = pipeline::TruncatePolicy::kIgnore;
  made.spec.snapshot = pipeline::SnapshotMode::kNoData;
  const auto run = make_run_plan(made);
  EXPECT_EQ(run.pipeline, "P");
  EXPECT_EQ(run.slot, "p_slot");
  EXPECT_EQ(run.publication, "p_pub");
  EXPECT_EQ(run.load_policy, LoadPolicy::kTruncate);
  EXPECT_EQ(run.schema_policy, SchemaPolicy::kPause);
  EXPECT_EQ(run.poison, PoisonPolicy::kQuarantine);
  EXPECT_EQ(run.load_workers, 9);
  EXPECT_EQ(run.value_policy, schema::ValuePolicy::kClamp);
  EXPECT_FALSE(run.truncates);
  EXPECT_FALSE(run.load);
}

TEST(RunPlanOf, AppliesTruncatesByDefault) {
  EXPECT_TRUE(make_run_plan(plan()).truncates);
  EXPECT_TRUE(make_run_plan(plan()).load);
}

TEST(CarriedFindings, AreNoneForWhatIsCarried) {
  auto made = plan();
  made.tables = {table_of("text")};
  EXPECT_TRUE(carried_findings(made).empty());
}

}  // namespace
}  // namespace millrace::replication
