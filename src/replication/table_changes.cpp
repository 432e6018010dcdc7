#include "replication/table_changes.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>

#include "replication/former_columns.hpp"
#include "replication/shape_json.hpp"
#include "replication/stage_cleanup.hpp"
#include "replication/table_binding.hpp"
#include "replication/table_swap.hpp"
#include "schema/target_ddl.hpp"
#include "sqlserver/catalog.hpp"
#include "sqlserver/session.hpp"
#include "sqlserver/state_tables.hpp"
#include "sqlserver/table_in_use.hpp"
#include "support/error.hpp"

namespace millrace::replication {
namespace {

sqlserver::Checkpoint checkpoint_of(sqlserver::Session& target, const std::string& pipeline) {
  if (auto known = sqlserver::read_checkpoint(target, pipeline)) return std::move(*known);
  throw Error(ErrorCode::kPipelineState, "The target does not know this pipeline.", {.pipeline = pipeline})
      .suggest("Its schema millrace was dropped or restored: delete the pipeline and create it again.");
}

/// Rolled back unless committed.
class Transaction {
 public:
  explicit Transaction(sqlserver::Session& session) : session_(session) { session_.execute("BEGIN TRANSACTION"); }
  ~Transaction() {
    if (!done_) session_.rollback_quietly();
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit() {
    session_.execute("COMMIT TRANSACTION");
    done_ = true;
  }

 private:
  sqlserver::Session& session_;
  bool done_ = false;
};

/// A process that runs the pipeline may take it over (again) between two looks: then once more with its fence.
void with_fence(const TargetEndpoint& endpoint, const std::string& pipeline,
                const std::function<void(sqlserver::Session& target, std::int64_t fence)>& change) {
  constexpr int kTries = 5;
  sqlserver::Session target(endpoint);
  for (int attempt = 1;; ++attempt) {
    const auto checkpoint = checkpoint_of(target, pipeline);
    try {
      return sqlserver::take_from_run(target, [&] {
        Transaction transaction(target);
        change(target, checkpoint.fence);
        transaction.commit();
      });
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kFenced || attempt == kTries) throw;
    }
  }
}

}  // namespace

std::vector<TableIdentity> read_table_identities(const TargetEndpoint& endpoint, const std::string& pipeline) {
  sqlserver::Session target(endpoint);
  if (!sqlserver::read_checkpoint(target, pipeline)) return {};
  std::vector<TableIdentity> tables;
  for (const auto& state : sqlserver::read_table_states(target, pipeline)) {
    const auto oid = state.shape.empty() ? Oid{} : parse_shape(state.shape).plan.source.oid;
    tables.push_back({state.source, state.target, oid});
  }
  return tables;
}

void drop_stages_of_former(const TargetEndpoint& endpoint, const std::string& pipeline,
                           const std::vector<schema::TableName>& sources) {
  if (sources.empty()) return;
  sqlserver::Session target(endpoint);
  for (const auto& source : sources) drop_stages_of(target, pipeline, source);
}

void add_table_states(const TargetEndpoint& endpoint, const std::string& pipeline,
                      const std::vector<schema::TablePlan>& tables, bool loads) {
  with_fence(endpoint, pipeline, [&](sqlserver::Session& target, std::int64_t fence) {
    for (const auto& table : tables) {
      sqlserver::save_table_state(target, pipeline, fence,
                                  {.source = table.source.name,
                                   .target = table.target.name,
                                   .state = loads ? "pending" : "ready",
                                   .shape = to_json_text(TableShape{table, stream_key(table), 1})});
    }
  });
}

void remove_table_states(const TargetEndpoint& endpoint, const std::string& pipeline,
                         const std::vector<schema::TableName>& sources) {
  sqlserver::Session target(endpoint);
  const auto states = sqlserver::read_table_states(target, pipeline);
  for (const auto& source : sources) {
    for (const auto& state : states) {
      if (state.source == source) drop_beside(target, pipeline, source, state.target);
    }
    sqlserver::remove_table_state(target, pipeline, source);
    drop_stages_of(target, pipeline, source);
  }
}

void leave_out_tables(const TargetEndpoint& endpoint, const std::string& pipeline,
                      const std::vector<schema::TableName>& sources) {
  with_fence(endpoint, pipeline, [&](sqlserver::Session& target, std::int64_t fence) {
    for (auto& state : sqlserver::read_table_states(target, pipeline)) {
      if (std::find(sources.begin(), sources.end(), state.source) == sources.end()) continue;
      state.state = "removed";
      sqlserver::save_table_state(target, pipeline, fence, state);
    }
  });
}

TargetSurplus read_surplus(const TargetEndpoint& endpoint, const std::string& pipeline,
                           const schema::TablePlan& table) {
  sqlserver::Session target(endpoint);
  const auto actual = sqlserver::read_table(target, table.target.name);
  if (!actual) return {};
  TargetSurplus surplus;
  auto own = table.target;
  for (const auto& state : sqlserver::read_table_states(target, pipeline)) {
    if (state.source != table.source.name) continue;
    for (auto& column : former_columns(state.shape, table.target, *actual)) {
      surplus.former.push_back(column.name);
      own.columns.push_back(std::move(column));
    }
  }
  surplus.added = swap_obstacles(target, own);
  return surplus;
}

void reset_table_state(const TargetEndpoint& endpoint, const std::string& pipeline, const schema::TablePlan& table,
                       bool recreate, const std::vector<std::string>& former) {
  with_fence(endpoint, pipeline, [&](sqlserver::Session& target, std::int64_t fence) {
    int version = 1;
    for (const auto& state : sqlserver::read_table_states(target, pipeline)) {
      if (state.source == table.source.name && !state.shape.empty()) version = parse_shape(state.shape).version;
    }
    // "copying", not "pending": the rows that are there are ours, and the load may empty the table whatever its policy.
    sqlserver::save_table_state(target, pipeline, fence,
                                {.source = table.source.name,
                                 .target = table.target.name,
                                 .state = "copying",
                                 .shape = to_json_text(TableShape{table, stream_key(table), version})});
    if (!recreate) {
      for (const auto& column : former) {
        target.execute(schema::drop_column_sql(table.target.name, column));
      }
      return;
    }
    target.execute(schema::drop_table_sql(table.target.name));
    target.execute(schema::create_table_sql(table.target));
  });
}

}  // namespace millrace::replication
