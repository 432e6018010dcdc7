#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "manager/cdc_manager.hpp"
#include "support/error.hpp"

namespace millrace::cli {

// Answers of the API as what they were made from. A member that is not there is left as it is by default: another
// version of the server may know less or more. They throw Error kServerUnreachable for a member of another kind.

/// The fault that a problem document tells, by its code.
Error read_problem(const nlohmann::ordered_json& problem);

manager::PipelineSummary read_summary(const nlohmann::ordered_json& value);
pipeline::PipelineStatus read_status(const nlohmann::ordered_json& value);
manager::CreateResult read_created(const nlohmann::ordered_json& value);
manager::TableChangeResult read_table_change(const nlohmann::ordered_json& value);
manager::DeleteResult read_deleted(const nlohmann::ordered_json& value);
/// The document of `plan -o json`.
nlohmann::ordered_json read_plan(const nlohmann::ordered_json& value);

std::vector<replication::TableVerdict> read_verdicts(const nlohmann::ordered_json& value);
replication::QuarantineEntry read_quarantined(const nlohmann::ordered_json& value);
std::vector<replication::RetriedRow> read_retried(const nlohmann::ordered_json& value);

}  // namespace millrace::cli
