#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "replication/run_observer.hpp"
#include "store/runs.hpp"
#include "support/error.hpp"

namespace millrace::manager {

/// What a run's process last said of itself, kept as JSON in the store.
struct RunProgress {
  std::vector<replication::TableProgress> tables;  ///< of a load that is under way; else empty
  std::optional<replication::StreamProgress> stream;
};

std::string to_json_text(const RunProgress& progress);
/// Empty for a text that is none: progress is for people, and a status must not fail by it.
RunProgress parse_progress(const std::string& text);

std::string to_json_text(const Error& error);
/// "code: message" of an error that to_json_text wrote; empty for an empty text.
std::string error_line(const std::string& text);

/// "pid 4711 on host", of this process.
std::string this_process();

/// Whether the process still runs: by its signs of life, and for one of this machine by asking the system.
bool alive(const store::RunRecord& run, std::int64_t now_ms);

}  // namespace millrace::manager
