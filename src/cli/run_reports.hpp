#pragma once

#include <functional>
#include <iosfwd>
#include <memory>

#include "cli/output.hpp"
#include "replication/run_observer.hpp"

namespace millrace::cli {

struct TerminalSize {
  std::size_t width = 80;
  std::size_t height = 24;
};

/// Where a run's reports go. The functions are replaced in tests.
struct ReportPlace {
  std::ostream& out;
  std::function<std::int64_t()> now_ms;    ///< Unix time
  std::function<TerminalSize()> terminal;  ///< none: not a terminal
};

/// For a format that is not kTable: one JSON object a line (or one YAML document), {"type": "event" | "load" |
/// "stream", "time": ..}; else for a terminal: events as lines, progress below them, redrawn in place; else plain
/// lines. Where nothing is redrawn a line of progress comes at most every 10 s, and when the stream catches up.
/// The event "failed" is left out where people read: the error itself follows.
std::unique_ptr<replication::RunObserver> make_reports(Format format, ReportPlace place);

}  // namespace millrace::cli
