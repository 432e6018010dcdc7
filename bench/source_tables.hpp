#pragma once

#include <memory>
#include <string>
#include <vector>

#include "postgres/connection.hpp"
#include "replication/table_binding.hpp"
#include "schema/type_mapping.hpp"
#include "support/endpoint.hpp"

namespace millrace::bench {

/// The plan that Millrace makes for the table "schema.name", as a pipeline would.
schema::TablePlan read_plan(postgres::Connection& connection, const std::string& table);

/// The tables' bindings, as a run would make them for tables that are new on the target.
std::vector<std::shared_ptr<const replication::TableBinding>> bind_all(const SourceEndpoint& source,
                                                                       const std::vector<std::string>& tables);

/// The process of the source that decodes for a slot.
class SlotServer {
 public:
  SlotServer(const SourceEndpoint& source, std::string slot) : connection_(source), slot_(std::move(slot)) {}
  /// What it has used of the processors so far; 0 when nobody reads the slot, or the server is elsewhere.
  double cpu_seconds();

 private:
  postgres::Connection connection_;
  std::string slot_;
};

}  // namespace millrace::bench
