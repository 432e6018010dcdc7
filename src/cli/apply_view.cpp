#include "cli/apply_view.hpp"

#include <nlohmann/json.hpp>
#include <ostream>

namespace millrace::cli {
namespace {

using nlohmann::ordered_json;

const char* action(const AppliedPipeline& wanted) {
  if (!wanted.live) return "create";
  if (wanted.diff.empty()) return "none";
  return wanted.diff.possible() ? "change" : "refused";
}

std::string shown(const nlohmann::json& value) {
  if (value.is_null()) return "(not set)";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

const char* mark(ChangeEffect effect) {
  switch (effect) {
    case ChangeEffect::kInPlace:
      return "~";
    case ChangeEffect::kRestart:
      return "↻";
    case ChangeEffect::kNextReload:
      return "…";
    case ChangeEffect::kCannotChange:
      return "✗";
  }
  return "✗";
}

void show_new(std::ostream& out, const pipeline::PipelineSpec& spec) {
  out << "+ " << spec.name << "  to be created\n"
      << "    " << display_url(spec.source) << " → " << display_url(spec.target) << '\n';
  for (const auto& table : spec.tables) out << "  + table " << table << '\n';
}

void show_changes(std::ostream& out, const std::string& name, const SettingsDiff& diff) {
  out << (diff.possible() ? "~ " : "✗ ") << name
      << (diff.possible() ? "  to be changed\n" : "  cannot become what the file says\n");
  for (const auto& change : diff.changes) {
    out << "  " << mark(change.effect) << ' ' << change.field << ": " << shown(change.before) << " → "
        << shown(change.after) << "  (" << to_string(change.effect) << ")\n";
    if (!change.reason.empty()) out << "      " << change.reason << '\n';
  }
  for (const auto& table : diff.tables_added) out << "  + table " << table << '\n';
  for (const auto& table : diff.tables_removed) out << "  - table " << table << "  (its copy stays)\n";
}

}  // namespace

void show_apply_plan(std::ostream& out, const std::vector<AppliedPipeline>& plan) {
  for (const auto& wanted : plan) {
    if (!wanted.live) {
      show_new(out, wanted.file.spec);
    } else if (wanted.diff.empty()) {
      out << "  " << wanted.file.spec.name << "  unchanged\n";
    } else {
      show_changes(out, wanted.file.spec.name, wanted.diff);
    }
  }
}

ordered_json apply_json(const std::vector<AppliedPipeline>& plan) {
  ordered_json pipelines = ordered_json::array();
  for (const auto& wanted : plan) {
    ordered_json changes = ordered_json::array();
    for (const auto& change : wanted.diff.changes) {
      changes.push_back({{"field", change.field},
                         {"before", change.before},
                         {"after", change.after},
                         {"effect", to_string(change.effect)},
                         {"reason", change.reason.empty() ? ordered_json(nullptr) : ordered_json(change.reason)}});
    }
    pipelines.push_back({{"pipeline", wanted.file.spec.name},
                         {"file", wanted.file.document.file},
                         {"action", action(wanted)},
                         {"changes", std::move(changes)},
                         {"tables_added", wanted.live ? wanted.diff.tables_added : wanted.file.spec.tables},
                         {"tables_removed", wanted.diff.tables_removed},
                         {"result", wanted.result.empty() ? ordered_json(nullptr) : ordered_json(wanted.result)}});
  }
  return {{"pipelines", std::move(pipelines)}};
}

}  // namespace millrace::cli
