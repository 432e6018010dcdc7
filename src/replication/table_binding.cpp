#include "replication/table_binding.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace millrace::replication {
TableBinding::TableBinding(const std::string& pipeline, TableShape shape, schema::ValuePolicy policy, ApplyMode mode)
    : shape_(std::move(shape)), mode_(shape_.key.empty() ? ApplyMode::kOrdered : mode) {
  stage_ = stage_name(pipeline, source(), shape_.version);
  for (const auto& mapping : shape_.plan.columns) {
    columns_.push_back({mapping, schema::cell_kind(mapping.target.type), schema::make_encoder(mapping, policy)});
  }
  in_key_.assign(columns_.size(), false);
  for (const auto& name : shape_.key) {
    const auto found = std::find_if(columns_.begin(), columns_.end(),
                                    [&](const ColumnBinding& column) { return column.mapping.source.name == name; });
    if (found == columns_.end()) {
      throw Error(ErrorCode::kTableUnsupported, "The key column " + name + " is left out.",
                  {.table = source().to_string(), .column = name})
          .suggest("Carry every column of the key.");
    }
    const auto position = static_cast<std::size_t>(found - columns_.begin());
    key_.push_back(position);
    in_key_[position] = true;
  }
}

std::vector<std::string> stream_key(const schema::TablePlan& plan) {
  const auto& table = plan.source;
  switch (table.replica_identity) {
    case schema::ReplicaIdentity::kNothing:
      return {};
    case schema::ReplicaIdentity::kDefault:
      return table.primary_key;
    case schema::ReplicaIdentity::kIndex:
      for (const auto& index : table.unique_indexes) {
        if (index.name == table.replica_identity_index) return index.columns;
      }
      return table.primary_key;
    case schema::ReplicaIdentity::kFull:
      return plan.key;
  }
  return {};
}

std::string stable_hash(const std::string& pipeline, const schema::TableName& source) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : pipeline + '\0' + source.schema + '\0' + source.name) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3ULL;
  }
  return fmt::format("{:016x}", hash);
}

schema::TableName stage_name(const std::string& pipeline, const schema::TableName& source, int version) {
  return {kStateSchema, fmt::format("stage_{}_{}", stable_hash(pipeline, source), version)};
}

}  // namespace millrace::replication
