#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "replication/shape_json.hpp"
#include "schema/cell.hpp"
#include "schema/cell_encoder.hpp"
#include "schema/type_mapping.hpp"
#include "support/ids.hpp"

namespace millrace::replication {

/// How a table's changes reach the target.
enum class ApplyMode {
  kNet,        ///< one net change per key and batch, set by set
  kNetAtOnce,  ///< the same, with all updates in one statement: further unique indexes on the target
  kOrdered     ///< in the source's order: foreign keys on the target, or no key
};

/// One column that is carried.
struct ColumnBinding {
  schema::ColumnMapping mapping;
  schema::CellKind kind = schema::CellKind::kText;
  std::unique_ptr<schema::CellEncoder> encoder;
};

/// All that the engine needs of one table while it runs: made once per shape, read by several threads.
class TableBinding {
 public:
  /// Without a key whole rows identify, and the mode is kOrdered whatever is asked for. Throws Error
  /// kTableUnsupported when a column cannot be encoded.
  TableBinding(const std::string& pipeline, TableShape shape, schema::ValuePolicy policy, ApplyMode mode);

  const schema::TableName& source() const { return shape_.plan.source.name; }
  const schema::TableName& target() const { return shape_.plan.target.name; }
  const schema::TablePlan& plan() const { return shape_.plan; }
  const TableShape& shape() const { return shape_; }
  const std::vector<ColumnBinding>& columns() const { return columns_; }
  /// Positions in columns() of the key, in key order; empty for a table without key.
  const std::vector<std::size_t>& key() const { return key_; }
  bool keyless() const { return key_.empty(); }
  bool is_key(std::size_t column) const { return in_key_[column]; }
  ApplyMode mode() const { return mode_; }
  /// The table in schema millrace that takes a batch's rows on their way.
  const schema::TableName& stage() const { return stage_; }
  /// Changes of transactions whose commit record lies before this are in the table's load already.
  Lsn snapshot_lsn() const { return snapshot_lsn_; }
  void set_snapshot_lsn(Lsn lsn) { snapshot_lsn_ = lsn; }
  /// Where a load writes rows: the target table, or one beside it that takes its place.
  const schema::TableName& load_target() const { return load_target_ ? *load_target_ : target(); }
  bool loads_beside() const { return load_target_.has_value(); }
  void set_load_target(std::optional<schema::TableName> beside) { load_target_ = std::move(beside); }
  /// The source's files that the load reads.
  void set_files(TableFiles files) { shape_.files = std::move(files); }

 private:
  TableShape shape_;
  std::vector<ColumnBinding> columns_;
  std::vector<std::size_t> key_;
  std::vector<bool> in_key_;
  ApplyMode mode_;
  schema::TableName stage_;
  Lsn snapshot_lsn_;
  std::optional<schema::TableName> load_target_;
};

/// The columns by which the stream names an existing row of this table: those of the replica identity's index, else
/// the plan's key; empty when only whole rows do (FULL without key), or for inserts only.
std::vector<std::string> stream_key(const schema::TablePlan& plan);

/// Schema of everything that Millrace keeps on the target.
inline constexpr const char* kStateSchema = "millrace";

/// FNV-1a of pipeline and source table, 64 bits in hex: a part of names that must be the same in every build, which
/// std::hash does not promise.
std::string stable_hash(const std::string& pipeline, const schema::TableName& source);

/// The stage table's name, the same for every process: stage_, 16 hex digits of a hash of pipeline and table, and the
/// version of the table's shape.
schema::TableName stage_name(const std::string& pipeline, const schema::TableName& source, int version);

}  // namespace millrace::replication
