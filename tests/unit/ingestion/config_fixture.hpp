#pragma once

#include "pipeline/plan.hpp"

namespace millrace::ingestion {

/// A table of three columns: key, large text, timestamp.
inline schema::TablePlan table(const std::string& name, const std::string& target_schema, const std::string& target) {
  schema::TablePlan plan;
  plan.source.name = {"public", name};
  plan.target.name = {target_schema, target};
  plan.key_kind = schema::KeyKind::kPrimaryKey;
  plan.key = {"id"};
  plan.columns = {{.source = {.name = "id", .type = {.name = "int4"}},
                   .target = {.name = "id", .type = {.name = "int"}},
                   .key = true},
                  {.source = {.name = "body", .type = {.name = "text"}, .toastable = true},
                   .target = {.name = "body", .type = {.name = "nvarchar", .length = -1}}},
                  {.source = {.name = "at", .type = {.name = "timestamp"}},
                   .target = {.name = "at", .type = {.name = "datetime2", .scale = 6}}}};
  return plan;
}

/// A pipeline of two tables; the second has names that need care.
inline pipeline::PipelinePlan plan_for(pipeline::SinkFlavour sink,
                                       pipeline::UnwrapMode unwrap = pipeline::UnwrapMode::kAuto) {
  pipeline::PipelinePlan plan;
  plan.spec.source = {.host = "pg", .database = "shop", .user = "cdc", .password = Secret("source-secret")};
  plan.spec.target = {.host = "sql", .database = "copy", .user = "loader", .password = Secret("target-secret")};
  plan.spec.engine = pipeline::EngineKind::kKafkaConnect;
  plan.spec.kafka.sink = sink;
  plan.spec.kafka.unwrap = unwrap;
  plan.names = pipeline::derive_names(plan.spec);
  plan.tables = {table("orders", "dbo", "orders"), table("order.lines", "dbo", "Order Lines")};
  for (const auto& each : plan.tables) plan.topics.push_back(pipeline::topic_name(plan.names, each.source.name));
  return plan;
}

}  // namespace millrace::ingestion
