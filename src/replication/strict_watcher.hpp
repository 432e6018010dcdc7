#pragma once

#include "replication/relation_map.hpp"

namespace millrace::replication {

/// Follows no schema change: every difference that matters stops the pipeline.
class StrictWatcher : public SchemaWatcher {
 public:
  std::optional<Rebinding> relation_differs(const Table& table, const pgoutput::Relation& relation) override;
};

}  // namespace millrace::replication
