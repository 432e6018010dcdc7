#pragma once

#include <string>
#include <vector>

#include "manager/registry.hpp"
#include "replication/table_changes.hpp"

namespace millrace::manager {

/// Brings what is stored of a pipeline to the names that its tables have in the state on the target: a run follows a
/// renamed source table there, in the transaction that the rename belongs to, and here behind it. Safe to repeat: a
/// process that was killed in between leaves it to the next. True when names changed, and the stored pipeline with
/// them. Throws as Session and Registry do.
bool follow_renames(Registry& registry, const std::string& name);

/// The pure part. Tables are known by their number on the source; those whose number is not known yet, or is another
/// since they were made anew, by their name.
struct RenamedPipeline {
  pipeline::PipelineSpec spec;
  Resources resources;
  std::vector<schema::TableName> former;  ///< names that no table of the pipeline has any more
  bool renamed = false;
  bool numbered = false;  ///< numbers alone were filled in
};
RenamedPipeline renamed_pipeline(const pipeline::PipelineSpec& spec, const Resources& resources,
                                 const std::vector<replication::TableIdentity>& tables);

}  // namespace millrace::manager
