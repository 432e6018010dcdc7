#include "cli/run_reports.hpp"

#include <nlohmann/json.hpp>

#include <ostream>
#include <utility>

#include "cli/run_text.hpp"
#include "support/json_nullable.hpp"

namespace millrace::cli {
namespace {

using nlohmann::ordered_json;
using replication::RunEvent;
using replication::StreamProgress;
using replication::TableProgress;

constexpr std::int64_t kBetweenLines = 10'000;
constexpr const char* kFailed = "failed";

/// Lets a line of progress through now and then.
class Seldom {
 public:
  bool now(std::int64_t now_ms, bool important) {
    if (!important && last_ && now_ms - *last_ < kBetweenLines) return false;
    last_ = now_ms;
    return true;
  }

 private:
  std::optional<std::int64_t> last_;
};

class PlainReports : public replication::RunObserver {
 public:
  explicit PlainReports(ReportPlace place) : place_(std::move(place)) {}

  void event(const RunEvent& event) override {
    if (event.kind != kFailed) line(event_line(event));
  }
  void load_progress(const std::vector<TableProgress>& tables) override {
    if (load_.now(place_.now_ms(), false)) line(load_line(tables));
  }
  void stream_progress(const StreamProgress& progress) override {
    const bool fresh = progress.caught_up && !std::exchange(caught_up_, progress.caught_up);
    if (stream_.now(place_.now_ms(), fresh)) line(stream_line(progress));
  }

 private:
  void line(const std::string& text) { place_.out << utc_time(place_.now_ms()) << "  " << text << std::endl; }

  ReportPlace place_;
  Seldom load_;
  Seldom stream_;
  bool caught_up_ = false;
};

/// The frame is taken away, what stays is written, and the frame comes back, in one write: nothing flickers.
class TerminalReports : public replication::RunObserver {
 public:
  explicit TerminalReports(ReportPlace place) : place_(std::move(place)) {}
  ~TerminalReports() override = default;

  void event(const RunEvent& event) override {
    if (ends_a_phase(event.kind)) frame_.clear();
    if (event.kind != kFailed) draw(event_line(event) + "\n");
  }
  void load_progress(const std::vector<TableProgress>& tables) override {
    const auto size = place_.terminal();
    frame_ = load_frame(tables, last_column(size), size.height);
    draw("");
  }
  void stream_progress(const StreamProgress& progress) override {
    frame_ = stream_frame(progress, last_column(place_.terminal()));
    draw("");
  }

 private:
  /// Its numbers are not those of what comes next.
  static bool ends_a_phase(const std::string& kind) {
    return kind == "load.finished" || kind == "stream.stopped" || kind == kFailed;
  }
  /// A terminal may wrap after its last column.
  static std::size_t last_column(const TerminalSize& size) { return size.width > 20 ? size.width - 1 : 20; }

  void draw(const std::string& lasting) {
    std::string text = drawn_ > 0 ? "\r\x1b[" + std::to_string(drawn_) + "A" : "\r";
    if (!lasting.empty()) text += "\x1b[J" + lasting;
    for (const auto& line : frame_) text += line + "\x1b[K\n";
    text += "\x1b[J";
    drawn_ = frame_.size();
    place_.out << text << std::flush;
  }

  ReportPlace place_;
  std::vector<std::string> frame_;
  std::size_t drawn_ = 0;
};

class DataReports : public replication::RunObserver {
 public:
  DataReports(Format format, ReportPlace place) : format_(format), place_(std::move(place)) {}

  void event(const RunEvent& event) override {
    const char* severity = event.severity == RunEvent::Severity::kInfo      ? "info"
                           : event.severity == RunEvent::Severity::kWarning ? "warning"
                                                                            : "error";
    put("event", {{"severity", severity},
                  {"kind", event.kind},
                  {"table", text_or_null(event.table)},
                  {"message", event.message},
                  {"lsn", text_or_null(event.lsn)}});
  }
  void load_progress(const std::vector<TableProgress>& tables) override {
    if (!load_.now(place_.now_ms(), false)) return;
    ordered_json list = ordered_json::array();
    for (const auto& table : tables) {
      list.push_back(
          {{"table", table.table},
           {"state", table.state},
           {"rows", table.rows},
           {"estimated_rows", table.estimated_rows < 0 ? ordered_json(nullptr) : ordered_json(table.estimated_rows)},
           {"bytes", table.bytes},
           {"rows_per_s", table.rows_per_s},
           {"seconds_left", nullable(table.seconds_left)}});
    }
    put("load", {{"tables", std::move(list)}});
  }
  void stream_progress(const StreamProgress& progress) override {
    const bool fresh = progress.caught_up && !std::exchange(caught_up_, progress.caught_up);
    if (!stream_.now(place_.now_ms(), fresh)) return;
    put("stream", {{"applied_lsn", progress.applied.to_string()},
                   {"received_lsn", progress.received.to_string()},
                   {"lag_bytes", progress.lag_bytes},
                   {"lag_s", nullable(progress.lag_s)},
                   {"changes", progress.changes},
                   {"transactions", progress.transactions},
                   {"changes_per_s", progress.changes_per_s},
                   {"caught_up", progress.caught_up}});
  }

 private:
  void put(const char* type, ordered_json members) {
    ordered_json value{{"type", type}, {"time", utc_time(place_.now_ms())}};
    value.update(members);
    if (format_ == Format::kYaml) {
      place_.out << "---\n";
      print_value(place_.out, format_, value);
      place_.out << std::flush;
    } else {
      // Foreign texts may hold bytes that are no UTF-8; a line for a machine must not fail by them.
      place_.out << value.dump(-1, ' ', false, ordered_json::error_handler_t::replace) << std::endl;
    }
  }

  Format format_;
  ReportPlace place_;
  Seldom load_;
  Seldom stream_;
  bool caught_up_ = false;
};

}  // namespace

std::unique_ptr<replication::RunObserver> make_reports(Format format, ReportPlace place) {
  if (format != Format::kTable) return std::make_unique<DataReports>(format, std::move(place));
  if (place.terminal) return std::make_unique<TerminalReports>(std::move(place));
  return std::make_unique<PlainReports>(std::move(place));
}

}  // namespace millrace::cli
