#include "server/pipeline_lookup.hpp"

#include <algorithm>
#include <utility>

#include "manager/run_facts.hpp"
#include "support/unix_time.hpp"

namespace millrace::server {
namespace {

LiveNumbers by_last_words(const store::RunRecord& run) {
  LiveNumbers numbers;
  numbers.taken_ms = run.beat_ms;
  numbers.since_ms = run.started_ms;
  if (!manager::alive(run, unix_ms())) {
    numbers.since_ms = run.ended_ms;
    numbers.health = run.error.empty() ? Health::kStopped : Health::kFailed;
    numbers.reason = run.error.empty() ? "nobody runs it" : manager::error_line(run.error);
    return numbers;
  }
  const auto progress = manager::parse_progress(run.progress);
  numbers.stream = progress.stream;
  numbers.loads = !progress.tables.empty() && !progress.stream;
  numbers.health = numbers.loads ? Health::kLoading : progress.stream ? Health::kRunning : Health::kStarting;
  for (const auto& told : progress.tables) {
    auto& table = numbers.tables[told.table];
    table.state = told.state;
    table.rows = told.rows;
    if (told.estimated_rows >= 0) table.estimated_rows = told.estimated_rows;
    table.rows_per_s = told.rows_per_s;
    table.seconds_left = told.seconds_left;
  }
  return numbers;
}

}  // namespace

PipelinePlace place_of(const Call& call) {
  return {call.workspace().tenant, call.parameters.at("name")};
}

std::string existing_pipeline(const Call& call) {
  manager::Registry registry(call.workspace());
  const auto& name = call.parameters.at("name");
  if (!registry.revision(name)) registry.load(name);
  return name;
}

LiveNumbers live_numbers(const Call& call, const PipelinePlace& place) {
  return std::move(live_numbers(call, std::vector{place.name}).at(place.name));
}

std::map<std::string, LiveNumbers> live_numbers(const Call& call, const std::vector<std::string>& names) {
  const auto workspace = call.workspace();
  std::map<std::string, LiveNumbers> all;
  std::vector<std::string> untold;
  for (const auto& name : names) {
    auto known = call.services.board.find({workspace.tenant, name});
    if (known && known->health != Health::kUnknown) {
      all[name] = std::move(*known);
    } else {
      untold.push_back(name);
    }
  }
  if (untold.empty()) return all;
  const auto [first, last] = std::minmax_element(untold.begin(), untold.end());
  const auto runs = manager::Registry(workspace).runs().between(*first, *last);
  for (const auto& name : untold) {
    auto& numbers = all[name];
    if (const auto run = runs.find(name); run != runs.end()) {
      numbers = by_last_words(run->second);
    } else {
      numbers.taken_ms = unix_ms();
      numbers.reason = "nobody has told anything of it yet";
    }
  }
  return all;
}

}  // namespace millrace::server
