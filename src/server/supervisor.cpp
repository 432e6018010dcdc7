#include "server/supervisor.hpp"

#include <atomic>
#include <chrono>
#include <set>

#include "manager/cdc_manager.hpp"
#include "manager/registry.hpp"
#include "support/error.hpp"
#include "support/retry.hpp"

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
  Worker(manager::Workspace where, std::string pipeline, std::int64_t known_revision, EventFeed& feed)
      : workspace(std::move(where)), name(std::move(pipeline)), revision(known_revision), events(feed) {}

  manager::Workspace workspace;
  std::string name;
  std::int64_t revision;  ///< of the pipeline when this worker was begun
  EventFeed& events;
  std::atomic<bool> ended{false};
  mutable std::mutex mutex;
  Numbers numbers;
  Lsn applied;
  std::chrono::steady_clock::time_point moved = std::chrono::steady_clock::now();
  bool said_stalled = false;
  std::jthread thread;

  void event(const replication::RunEvent& event) override {
    events.append({.kind = event.kind,
                   .severity = word(event.severity),
                   .pipeline = name,
                   .actor = "millrace",
                   .message = event.message,
                   .table = event.table,
                   .lsn = event.lsn});
  }
  void load_progress(const std::vector<replication::TableProgress>&) override {}
  void stream_progress(const replication::StreamProgress& progress) override {
    bool stalled = false;
    {
      const std::lock_guard lock(mutex);
      numbers.lag_bytes = progress.lag_bytes;
      numbers.lag_s = progress.lag_s;
      numbers.changes = progress.changes;
      numbers.transactions = progress.transactions;
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
    events.append({.kind = kind, .severity = severity, .pipeline = name, .actor = "millrace", .message = message});
  }

  void count_failure(bool again) {
    const std::lock_guard lock(mutex);
    numbers.running = false;
    ++numbers.failures;
    if (again) ++numbers.restarts;
  }

  void run(const std::stop_token& stop) {
    Backoff backoff(kFirstPause, kLongestPause);
    ClockPause pause;
    while (!stop.stop_requested()) {
      const auto begun = std::chrono::steady_clock::now();
      {
        const std::lock_guard lock(mutex);
        numbers.running = true;
      }
      bool again = false;
      try {
        manager::CdcManager(workspace).run(name, {}, *this, stop);
        break;  // stopped, paused or deleted
      } catch (const Error& error) {
        if (error.code() == ErrorCode::kInterrupted || error.code() == ErrorCode::kPipelineNotFound) break;
        again = error.retriable() || error.code() == ErrorCode::kInternal;
        say("run.failed", "error",
            std::string(error.info().id) + ": " + error.message() + (again ? " It is begun again." : ""));
      } catch (const std::exception& unexpected) {
        again = true;
        say("run.failed", "error", std::string("internal: ") + unexpected.what() + " It is begun again.");
      }
      count_failure(again);
      if (!again) {
        // Needs a person: the worker stays, so that it is not begun again until the pipeline changes.
        const std::lock_guard lock(mutex);
        numbers.running = false;
        ended = true;
        return;
      }
      if (std::chrono::steady_clock::now() - begun > kLongestPause) backoff.reset();
      if (!pause.wait(backoff.next(), stop)) break;
    }
    const std::lock_guard lock(mutex);
    numbers.running = false;
    ended = true;
  }
};

Supervisor::Supervisor(manager::Workspace workspace, EventFeed& events)
    : workspace_(std::move(workspace)),
      events_(events),
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
        events_.append(
            {.kind = "supervisor.failed", .severity = "error", .actor = "millrace", .message = error.what()});
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
  for (const auto& pipeline : stored) {
    known.insert(pipeline.name);
    if (pipeline.state != "active" || !manager::make_engine(pipeline.spec)->traits(pipeline.spec).runs_in_process) {
      continue;
    }
    const auto found = workers_.find(pipeline.name);
    if (found == workers_.end()) {
      workers_[pipeline.name] = make_worker(pipeline.name, pipeline.revision);
    } else if (found->second->ended && found->second->revision != pipeline.revision) {
      const auto before = found->second->numbers;
      found->second = make_worker(pipeline.name, pipeline.revision);
      const std::lock_guard inner(found->second->mutex);
      found->second->numbers.failures = before.failures;
      found->second->numbers.restarts = before.restarts;
    }
  }
  std::erase_if(workers_, [&](const auto& entry) { return entry.second->ended && !known.contains(entry.first); });
  looked_ = std::chrono::steady_clock::now();
}

std::shared_ptr<Supervisor::Worker> Supervisor::make_worker(const std::string& name, std::int64_t revision) {
  auto worker = std::make_shared<Worker>(workspace_, name, revision, events_);
  worker->thread = std::jthread([inner = worker.get()](const std::stop_token& stop) { inner->run(stop); });
  return worker;
}

std::map<std::string, Supervisor::Numbers> Supervisor::numbers() const {
  const std::lock_guard lock(mutex_);
  std::map<std::string, Numbers> all;
  for (const auto& [name, worker] : workers_) {
    const std::lock_guard inner(worker->mutex);
    all[name] = worker->numbers;
  }
  return all;
}

bool Supervisor::looked_lately() const {
  const std::lock_guard lock(mutex_);
  return std::chrono::steady_clock::now() - looked_ < kLate;
}

}  // namespace millrace::server
