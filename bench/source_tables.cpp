#include "source_tables.hpp"

#include "measure.hpp"
#include "postgres/catalog.hpp"
#include "support/error.hpp"

namespace millrace::bench {

schema::TablePlan read_plan(postgres::Connection& connection, const std::string& table) {
  const auto dot = table.find('.');
  if (dot == std::string::npos) throw Error(ErrorCode::kUsage, "A table is named schema.table.");
  const auto source = postgres::read_tables(connection, {{table.substr(0, dot), table.substr(dot + 1)}}).at(0);
  auto plan = schema::plan_table(source, {}, postgres::probe_columns(connection, source));
  for (const auto& issue : plan.issues) {
    if (issue.fatal) throw Error(ErrorCode::kTableUnsupported, issue.message, {.table = table});
  }
  return plan;
}

std::vector<std::shared_ptr<const replication::TableBinding>> bind_all(const SourceEndpoint& source,
                                                                       const std::vector<std::string>& tables) {
  postgres::Connection connection(source);
  std::vector<std::shared_ptr<const replication::TableBinding>> bindings;
  for (const auto& table : tables) {
    auto plan = read_plan(connection, table);
    auto key = replication::stream_key(plan);
    bindings.push_back(std::make_shared<replication::TableBinding>(
        "BENCH", replication::TableShape{std::move(plan), std::move(key), 1}, schema::ValuePolicy::kFail,
        replication::ApplyMode::kNet));
  }
  return bindings;
}

double SlotServer::cpu_seconds() {
  const auto found =
      connection_.query("SELECT active_pid FROM pg_replication_slots WHERE slot_name = $1 AND active", {slot_});
  if (found.empty()) return 0;
  return process_cpu_seconds(static_cast<int>(found.integer(0, 0))).value_or(0);
}

}  // namespace millrace::bench
