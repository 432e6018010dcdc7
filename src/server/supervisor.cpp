#include "server/supervisor.hpp"

#include <atomic>
#include <chrono>
#include <set>

#include "manager/cdc_manager.hpp"
#include "manager/registry.hpp"
#include "support/error.hpp"
#include "support/retry.hpp"
#include "support/unix_time.hpp"

namespace millrace::server {
namespace {

constexpr Milliseconds kLook{1000};
constexpr Milliseconds kFirstPause{1000};
constexpr Milliseconds kLongestPause{60'000};
constexpr std::chrono::minutes kStall{5};
constexpr std::chrono::seconds kLate{30};

std::string word(replication::RunEvent::Severity severity) {
  switch (severity) {
    case replication::RunEvent::Severity::kInfo:
      return "info";
    case replication::RunEvent::Severity::kWarning:
      return "warning";
    case replication::RunEvent::Severity::kError:
      return "error";
  }
  return "error";
}

}  // namespace

struct Supervisor::Worker : replication::RunObserver {
  Worker(manager::Workspace where, std::string pipeline, std::int64_t known_revision, EventFeed& feed,
         LiveBoard& numbers)
      : workspace(std::move(where)),
        name(std::move(pipeline)),
        revision(known_revision),
        events(feed),
        board(numbers) {}

  manager::Workspace workspace;
  std::string name;
  std::int64_t revision;  ///< of the pipeline when this worker was begun
  EventFeed& events;
  LiveBoard& board;
  const PipelinePlace place{workspace.tenant, name};
  std::atomic<bool> ended{false};
  std::mutex mutex;
  Lsn applied;
  std::chrono::steady_clock::time_point moved = std::chrono::steady_clock::now();
  bool said_stalled = false;
  std::jthread thread;

  void event(const replication::RunEvent& event) override {
    events.append({.tenant = workspace.tenant,
                   .kind = event.kind,
                   .severity = word(event.severity),
                   .pipeline = name,
                   .actor = "millrace",
                   .message = event.message,
                   .table = event.table,
                   .lsn = event.lsn,
                   .code = event.code});
    board.event(place, event);
  }
  void load_progress(const std::vector<replication::TableProgress>& tables) override { board.load(place, tables); }
  void slot_progress(const replication::SlotProgress& progress) override { board.slot(place, progress); }
  void stream_progress(const replication::StreamProgress& progress) override {
    board.stream(place, progress);
    bool stalled = false;
    {
      const std::lock_guard lock(mutex);
      const auto now = std::chrono::steady_clock::now();
      if (progress.applied != applied || progress.caught_up) {
        applied = progress.applied;
        moved = now;
        said_stalled = false;
      }
      stalled = !said_stalled && now - moved > kStall;
      said_stalled = said_stalled || stalled;
    }
    if (stalled) say("stream.stalled", "warning", "the source moves on and nothing was applied for five minutes");
  }

  void say(const std::string& kind, const std::string& severity, const std::string& message) {
    events.append({.tenant = workspace.tenant,
                   .kind = kind,
                   .severity = severity,
                   .pipeline = name,
                   .actor = "millrace",
                   .message = message});
  }

  void failed(const Error& error, const std::string& text, bool again, Milliseconds pause) {
    events.append({.tenant = workspace.tenant,
                   .kind = "run.failed",
                   .severity = "error",
                   .pipeline = name,
                   .actor = "millrace",
                   .message = text + (again ? " It is begun again." : ""),
                   .table = error.context().table,
                   .lsn = error.context().lsn,
                   .code = std::string(error.info().id),
                   .cause = error.cause()});
    board.run_failed(place, error, again ? std::optional(unix_ms() + pause.count()) : std::nullopt);
  }

  void run(const std::stop_token& stop) {
    Backoff backoff(kFirstPause, kLongestPause);
    ClockPause pause;
    while (!stop.stop_requested()) {
      const auto begun = std::chrono::steady_clock::now();
      const auto rest = [&] {
        if (std::chrono::steady_clock::now() - begun > kLongestPause) backoff.reset();
        return backoff.next();
      };
      bool again = false;
      Milliseconds wait{0};
      board.run_began(place);
      try {
        manager::CdcManager(workspace).run(name, {}, *this, stop);
        break;  // stopped, paused or deleted
      } catch (const Error& error) {
        if (error.code() == ErrorCode::kInterrupted || error.code() == ErrorCode::kPipelineNotFound) break;
        again = error.retriable() || error.code() == ErrorCode::kInternal;
        wait = rest();
        failed(error, std::string(error.info().id) + ": " + error.message(), again, wait);
      } catch (const std::exception& unexpected) {
        again = true;
        wait = rest();
        failed(Error(ErrorCode::kInternal, unexpected.what()), std::string("internal: ") + unexpected.what(), again,
               wait);
      }
      if (!again) {
        // Needs a person: the worker stays, so that it is not begun again until the pipeline changes.
        ended = true;
        return;
      }
      if (!pause.wait(wait, stop)) break;
    }
    board.run_ended(place);
    ended = true;
  }
};

Supervisor::Supervisor(manager::Workspace workspace, EventFeed& events, LiveBoard& board)
    : workspace_(std::move(workspace)),
      events_(events),
      board_(board),
      looked_(std::chrono::steady_clock::now()),
      thread_([this](const std::stop_token& stop) { supervise(stop); }) {}

Supervisor::~Supervisor() {
  thread_.request_stop();
  thread_.join();
  const std::lock_guard lock(mutex_);
  for (const auto& [name, worker] : workers_) worker->thread.request_stop();
  for (const auto& [name, worker] : workers_) worker->thread.join();
}

void Supervisor::supervise(const std::stop_token& stop) {
  ClockPause pause;
  bool said = false;
  do {
    try {
      look();
      said = false;
    } catch (const std::exception& error) {
      if (!said) {
        events_.append({.tenant = workspace_.tenant,
                        .kind = "supervisor.failed",
                        .severity = "error",
                        .actor = "millrace",
                        .message = error.what()});
      }
      said = true;
    }
  } while (pause.wait(kLook, stop));
}

void Supervisor::look() {
  manager::Registry registry(workspace_);
  const auto stored = registry.list();
  const std::lock_guard lock(mutex_);
  std::set<std::string> known;
  std::set<PipelinePlace> places;
  for (const auto& pipeline : stored) {
    known.insert(pipeline.name);
    const PipelinePlace place{workspace_.tenant, pipeline.name};
    places.insert(place);
    board_.stored(place, pipeline.state, /*carried=*/true);
    if (pipeline.state != "active" || !manager::make_engine(pipeline.spec)->traits(pipeline.spec).runs_in_process) {
      continue;
    }
    const auto found = workers_.find(pipeline.name);
    if (found == workers_.end()) {
      workers_[pipeline.name] = make_worker(pipeline.name, pipeline.revision);
    } else if (found->second->ended && found->second->revision != pipeline.revision) {
      found->second = make_worker(pipeline.name, pipeline.revision);
    }
  }
  board_.keep(places);
  std::erase_if(workers_, [&](const auto& entry) { return entry.second->ended && !known.contains(entry.first); });
  looked_ = std::chrono::steady_clock::now();
}

std::shared_ptr<Supervisor::Worker> Supervisor::make_worker(const std::string& name, std::int64_t revision) {
  auto worker = std::make_shared<Worker>(workspace_, name, revision, events_, board_);
  worker->thread = std::jthread([inner = worker.get()](const std::stop_token& stop) { inner->run(stop); });
  return worker;
}

bool Supervisor::looked_lately() const {
  const std::lock_guard lock(mutex_);
  return std::chrono::steady_clock::now() - looked_ < kLate;
}

}  // namespace millrace::server
