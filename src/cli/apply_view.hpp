#pragma once

#include <iosfwd>
#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "cli/apply_plan.hpp"

namespace millrace::cli {

/// The differences, for people: nothing of what is unchanged but its name.
void show_apply_plan(std::ostream& out, const std::vector<AppliedPipeline>& plan);

/// {"pipelines": [{"pipeline", "file", "action": create | change | none | refused, "changes": [..], "tables_added",
/// "tables_removed", "result"}]}; without secrets. `result` is null for what was not done.
nlohmann::ordered_json apply_json(const std::vector<AppliedPipeline>& plan);

}  // namespace millrace::cli
