#include "manager/run_facts.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <nlohmann/json.hpp>

namespace millrace::manager {
namespace {

using nlohmann::json;

/// Three beats: one may be late on a busy machine.
constexpr std::int64_t kSilenceMs = 15'000;

std::string process_text(std::int64_t pid) {
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  return fmt::format("pid {} on {}", pid, host.data());
}

/// Only of a process on this machine can that be said.
bool known_dead(const std::string& process) {
  constexpr std::size_t kPid = 4;  // after "pid "
  std::int64_t pid = 0;
  if (!process.starts_with("pid ")) return false;
  const auto [end, failure] = std::from_chars(process.data() + kPid, process.data() + process.size(), pid);
  if (failure != std::errc() || pid <= 0 || process != process_text(pid)) return false;
  return kill(static_cast<pid_t>(pid), 0) != 0 && errno == ESRCH;
}

template <typename Value>
json nullable(const std::optional<Value>& value) {
  return value ? json(*value) : json(nullptr);
}

template <typename Value>
std::optional<Value> optional_of(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return std::nullopt;
  return found->get<Value>();
}

}  // namespace

std::string to_json_text(const RunProgress& progress) {
  json tables = json::array();
  for (const auto& table : progress.tables) {
    tables.push_back({{"table", table.table},
                      {"state", table.state},
                      {"rows", table.rows},
                      {"estimated_rows", table.estimated_rows},
                      {"rows_per_s", table.rows_per_s},
                      {"seconds_left", nullable(table.seconds_left)}});
  }
  json value{{"tables", std::move(tables)}};
  if (const auto& stream = progress.stream) {
    value["stream"] = {{"applied", stream->applied.to_string()},
                       {"lag_bytes", stream->lag_bytes},
                       {"lag_s", nullable(stream->lag_s)},
                       {"changes_per_s", stream->changes_per_s},
                       {"caught_up", stream->caught_up}};
  }
  return value.dump();
}

RunProgress parse_progress(const std::string& text) {
  RunProgress progress;
  const auto value = json::parse(text, nullptr, false);
  if (!value.is_object()) return progress;
  try {
    for (const auto& table : value.at("tables")) {
      progress.tables.push_back({.table = table.at("table"),
                                 .state = table.at("state"),
                                 .rows = table.at("rows"),
                                 .estimated_rows = table.at("estimated_rows"),
                                 .rows_per_s = table.at("rows_per_s"),
                                 .seconds_left = optional_of<std::int64_t>(table, "seconds_left")});
    }
    if (const auto stream = value.find("stream"); stream != value.end()) {
      replication::StreamProgress read;
      read.applied = Lsn::parse(stream->at("applied").get<std::string>()).value_or(Lsn());
      read.lag_bytes = stream->at("lag_bytes");
      read.lag_s = optional_of<double>(*stream, "lag_s");
      read.changes_per_s = stream->at("changes_per_s");
      read.caught_up = stream->at("caught_up");
      progress.stream = read;
    }
  } catch (const json::exception&) {
    return {};
  }
  return progress;
}

std::string to_json_text(const Error& error) {
  std::string message = error.message();
  if (!error.cause().empty()) message += " (" + error.cause() + ")";
  return json{{"code", error.info().id}, {"message", message}, {"table", error.context().table}}.dump();
}

std::string error_line(const std::string& text) {
  const auto value = json::parse(text, nullptr, false);
  if (!value.is_object()) return text;
  return value.value("code", "") + ": " + value.value("message", "");
}

std::string this_process() {
  return process_text(getpid());
}

bool alive(const store::RunRecord& run, std::int64_t now_ms) {
  return !run.ended_ms && now_ms - run.beat_ms < kSilenceMs && !known_dead(run.process);
}

}  // namespace millrace::manager
