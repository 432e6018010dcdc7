#include "replication/strict_watcher.hpp"

#include "support/error.hpp"

namespace millrace::replication {

std::optional<Rebinding> StrictWatcher::relation_differs(const Table& table, const pgoutput::Relation& relation) {
  if (fits(*table, relation)) return std::nullopt;
  throw Error(ErrorCode::kSchemaChanged, "The columns of a source table have changed.",
              {.table = table->source().to_string()});
}

}  // namespace millrace::replication
