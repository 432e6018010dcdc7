#include "cli/apply_plan.hpp"

#include "support/error.hpp"

namespace millrace::cli {
namespace {

std::optional<PipelineSettings> find(PipelineService& pipelines, const std::string& name, const std::stop_token& stop) {
  try {
    return pipelines.settings(name, stop);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kPipelineNotFound) throw;
    return std::nullopt;
  }
}

}  // namespace

std::vector<AppliedPipeline> plan_apply(PipelineService& pipelines, std::vector<SpecFile> files,
                                        const std::stop_token& stop) {
  std::vector<AppliedPipeline> plan;
  for (auto& file : files) {
    AppliedPipeline wanted{.file = std::move(file), .live = {}, .diff = {}};
    wanted.live = find(pipelines, wanted.file.spec.name, stop);
    if (wanted.live && wanted.live->state != "active" && wanted.live->state != "paused") {
      wanted.diff.changes.push_back({.field = "state",
                                     .before = wanted.live->state,
                                     .after = "active",
                                     .effect = ChangeEffect::kCannotChange,
                                     .reason = "what was begun did not come to its end: `millrace delete " +
                                               wanted.file.spec.name + "` removes what is left"});
    } else if (wanted.live) {
      wanted.diff = diff_settings(wanted.live->spec, wanted.file.spec, wanted.file.document.value);
    }
    plan.push_back(std::move(wanted));
  }
  return plan;
}

void carry_out(PipelineService& pipelines, AppliedPipeline& wanted, const pipeline::Progress& progress,
               const std::stop_token& stop) {
  const auto& spec = wanted.file.spec;
  if (!wanted.live) {
    pipelines.create(spec, progress, stop);
    wanted.result = "created";
    return;
  }
  const auto& diff = wanted.diff;
  if (!diff.patch.empty()) pipelines.change_settings(spec.name, diff.patch, wanted.live->revision, stop);
  if (!diff.tables_removed.empty()) {
    pipelines.remove_tables(spec.name, diff.tables_removed, false, progress, stop);
  }
  if (!diff.tables_added.empty()) {
    pipelines.add_tables(spec.name, diff.tables_added, spec.mapping.tables, progress, stop);
  }
  wanted.result = diff.empty() ? "unchanged" : "changed";
}

}  // namespace millrace::cli
