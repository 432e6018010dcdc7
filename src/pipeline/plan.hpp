#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/explained_config.hpp"
#include "pipeline/names.hpp"
#include "pipeline/spec.hpp"
#include "preflight/finding.hpp"
#include "schema/type_mapping.hpp"

namespace millrace::pipeline {

/// What creating a pipeline would do. Made without changing anything.
struct PipelinePlan {
  PipelineSpec spec;
  PipelineNames names;
  std::vector<schema::TablePlan> tables;
  preflight::Findings findings;
  std::vector<std::string> source_statements;                 ///< what would run on PostgreSQL
  std::vector<std::string> target_ddl;                        ///< what would run on SQL Server
  std::string grant_script;                                   ///< makes a least-privilege source user
  std::map<std::string, ConnectorConfig> connectors;          ///< by connector name; secrets as they would be deployed
  std::map<std::string, ConnectorReasons> connector_reasons;  ///< by connector name: why each of its keys is there
  std::vector<std::string> topics;
  bool adopt_publication = false;  ///< it exists and fits: used, and not dropped at delete
  bool adopt_slot = false;
};

}  // namespace millrace::pipeline
