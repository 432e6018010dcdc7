#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "cli/pipeline_service.hpp"
#include "cli/settings_diff.hpp"
#include "cli/spec_file.hpp"

namespace millrace::cli {

/// What a file asks of one pipeline.
struct AppliedPipeline {
  SpecFile file;
  std::optional<PipelineSettings> live;  ///< none: it is to be created
  SettingsDiff diff;                     ///< of a live one
  std::string result = {};               ///< what apply made of it: "created", "changed", "unchanged"

  bool unchanged() const { return live && diff.empty(); }
  bool possible() const { return !live || diff.possible(); }
};

/// Compares files with what is there. Throws as PipelineService does.
std::vector<AppliedPipeline> plan_apply(PipelineService& pipelines, std::vector<SpecFile> files,
                                        const std::stop_token& stop);

/// Does what one asks for: creates it, or changes settings, then takes tables out and adds them. Each step can be done
/// again: after a failure the same apply goes on. Sets the result. Throws as PipelineService does.
void carry_out(PipelineService& pipelines, AppliedPipeline& wanted, const pipeline::Progress& progress,
               const std::stop_token& stop);

}  // namespace millrace::cli
