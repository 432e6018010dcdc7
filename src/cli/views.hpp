#pragma once

#include <iosfwd>
#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "cli/output.hpp"
#include "manager/cdc_manager.hpp"

namespace millrace::cli {

/// How each answer looks to a person, and as JSON or YAML.
/// `plan`: the document of pipeline/answers_json.hpp. `explain` puts the reason above each key of the connector
/// configs; JSON and YAML always have them.
void show_plan(std::ostream& out, Format format, const nlohmann::ordered_json& plan, bool explain);
void show_created(std::ostream& out, Format format, const manager::CreateResult& result);
void show_list(std::ostream& out, Format format, const std::vector<manager::PipelineSummary>& pipelines);
void show_status(std::ostream& out, Format format, const pipeline::PipelineStatus& status);
/// Documents as PipelineService gives them.
void show_events(std::ostream& out, Format format, const std::vector<nlohmann::ordered_json>& events);
/// `what`: "added", "removed".
void show_table_change(std::ostream& out, Format format, const std::string& name, const std::string& what,
                       const manager::TableChangeResult& result);
void show_deleted(std::ostream& out, Format format, const std::string& name, const manager::DeleteResult& result);

}  // namespace millrace::cli
