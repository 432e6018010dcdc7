#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "pipeline/spec.hpp"

namespace millrace::cli {

/// What a change of a live pipeline's setting takes.
enum class ChangeEffect {
  kInPlace,      ///< whoever runs it follows within seconds
  kRestart,      ///< what moves the data begins anew, from where it was
  kNextReload,   ///< holds from the table's next reload on
  kCannotChange  ///< see SettingChange::reason
};
/// "in place", "restart", "at the next reload", "cannot change".
const char* to_string(ChangeEffect effect);

struct SettingChange {
  std::string field;  ///< "source.host", "mapping.tables.public.orders.exclude_columns"
  nlohmann::json before;
  nlohmann::json after;
  ChangeEffect effect = ChangeEffect::kInPlace;
  std::string reason;
};

/// What stands between a pipeline as it is and as a document describes it.
struct SettingsDiff {
  std::vector<SettingChange> changes;
  std::vector<std::string> tables_added;            ///< as the document names them
  std::vector<std::string> tables_removed;          ///< schema.table
  nlohmann::json patch = nlohmann::json::object();  ///< of the changes, as manager/change_settings.hpp has it

  bool empty() const { return changes.empty() && tables_added.empty() && tables_removed.empty(); }
  bool possible() const;
};

/// What the document leaves out stays as it is: only members that it has are compared. Passwords cannot be compared;
/// those of a side whose way or user changes go into the patch. A table pattern means the pipeline's tables that it
/// matches; one that matches none is to be added. `wanted` is the document read as a spec; neither needs secrets.
/// Throws Error kUsage for a table pattern that is none. Pure.
SettingsDiff diff_settings(const pipeline::PipelineSpec& live, const pipeline::PipelineSpec& wanted,
                           const nlohmann::json& document);

}  // namespace millrace::cli
