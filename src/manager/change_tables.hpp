#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "manager/cdc_manager.hpp"
#include "manager/registry.hpp"

namespace millrace::manager {

/// As CdcManager says. `spec` is the stored one with the new tables as its list and their options in its mapping.
TableChangeResult add_tables(Registry& registry, pipeline::Engine& engine, const StoredPipeline& stored,
                             const pipeline::PipelineSpec& spec, const pipeline::Progress& progress,
                             const std::stop_token& stop);
TableChangeResult remove_tables(Registry& registry, const StoredPipeline& stored,
                                const std::vector<std::string>& tables, bool drop_tables,
                                const pipeline::Progress& progress, const std::stop_token& stop);

/// Who wants a table loaded anew.
enum class ReloadReason {
  kAsked,        ///< somebody, who knows that a target table which Millrace made is made anew where it does not fit
  kSchemaChange  ///< a run: a target table that has something which would be lost so, an index or a grant, stays
};
/// As CdcManager says. Throws Error kTargetDrift, naming it, for what would be lost by kSchemaChange.
TableChangeResult reload_table(Registry& registry, pipeline::Engine& engine, const StoredPipeline& stored,
                               const std::string& table, const pipeline::Progress& progress,
                               const std::stop_token& stop, ReloadReason reason);

}  // namespace millrace::manager
