#include "server/supervisor.hpp"

#include <atomic>
#include <chrono>
#include <iostream>
#include <optional>
#include <set>

#include "manager/cdc_manager.hpp"
#include "manager/registry.hpp"
#include "server/leadership.hpp"
#include "store/pipelines.hpp"
#include "support/error.hpp"
#include "support/retry.hpp"
#include "support/unix_time.hpp"

namespace millrace::server {
namespace {

constexpr Milliseconds kLook{1000};
constexpr Milliseconds kFirstPause{1000};
constexpr Milliseconds kLongestPause{60'000};
constexpr std::chrono::minutes kStall{5};
/// After a restart all pipelines begin: their servers get so many at a time, and this process needs their memory.
constexpr std::size_t kStartsAtOnce = 8;
constexpr Milliseconds kStartPatience{120'000};
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
         LiveBoard& numbers, const manager::RunRequest& how, bool stalled)
      : workspace(std::move(where)),
        name(std::move(pipeline)),
        revision(known_revision),
        events(feed),
        board(numbers),
        request(how),
        said_stalled(stalled) {}

  manager::Workspace workspace;
  std::string name;
  std::int64_t revision;  ///< of the pipeline when this worker was begun
  EventFeed& events;
  LiveBoard& board;
  const manager::RunRequest request;
  const PipelinePlace place{workspace.tenant, name};
  std::atomic<bool> ended{false};
  std::mutex mutex;
  std::optional<Lsn> applied;  ///< none: nothing was told yet
  std::chrono::steady_clock::time_point moved = std::chrono::steady_clock::now();
  bool said_stalled;
  std::jthread thread;

  void event(const replication::RunEvent& event) override {
    // How a run ended is told when it has: run.failed, with whether it is begun again.
    if (event.kind == "failed") return board.event(place, event);
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
    bool recovered = false;
    {
      const std::lock_guard lock(mutex);
      const auto now = std::chrono::steady_clock::now();
      const bool first = !applied;
      if (std::exchange(applied, progress.applied) != progress.applied || progress.caught_up) {
        moved = now;
        // Where it stands first is no move.
        if (!first || progress.caught_up) recovered = std::exchange(said_stalled, false);
      }
      stalled = !said_stalled && now - moved > kStall;
      said_stalled = said_stalled || stalled;
    }
    if (recovered) say("stream.recovered", "info", "changes are applied again");
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
                   .severity = again ? "warning" : "error",
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
        manager::CdcManager(workspace).run(name, request, *this, stop);
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

Supervisor::Supervisor(manager::Workspace workspace, EventFeed& events, LiveBoard& board,
                       pipeline::ServerSessions& sessions)
    : workspace_(std::move(workspace)),
      events_(events),
      board_(board),
      sessions_(sessions),
      watch_(workspace_.database),
      memory_tick_(ticker_.add([this] { return spare_memory_.give_back(); }, SpareMemory::kSoon)),
      starts_(kStartsAtOnce, kStartPatience, replication::Starts::Patience::kFromLastEnd),
      looked_(std::chrono::steady_clock::now()),
      thread_([this](const std::stop_token& stop) { supervise(stop); }) {}

Supervisor::~Supervisor() {
  thread_.request_stop();
  thread_.join();
  ticker_.remove(memory_tick_);
}

void Supervisor::supervise(const std::stop_token& stop) {
  Leadership leadership(workspace_.database);
  const auto end_all = [this] {
    std::map<PipelinePlace, std::shared_ptr<Worker>> ending;
    {
      const std::lock_guard lock(mutex_);
      ending.swap(workers_);
      settled_ = false;
    }
    for (const auto& [place, worker] : ending) worker->thread.request_stop();
    for (const auto& [place, worker] : ending) worker->thread.join();
  };
  ClockPause pause;
  bool said = false;
  do {
    try {
      const bool led = leads_;
      const bool leads = leadership.keep();
      if (leads && !led) {
        // Before anybody acts on it: the ends of what was told by an earlier process are told here.
        told_ = ToldAlerts(*workspace_.database);
        board_.failed_before(told_.of(kFailedAlert));
      }
      leads_ = leads;
      if (leads_) {
        look();
      } else {
        // Another server runs them. Its fence on the targets keeps our last batches out, should they come late.
        end_all();
        workspace_.database->ping();
        const std::lock_guard lock(mutex_);
        looked_ = std::chrono::steady_clock::now();
      }
      said = false;
    } catch (const std::exception& error) {
      // The matter of no tenant: readiness shows it, and the server's log why.
      if (!said) std::cerr << "The supervisor cannot read the store: " << error.what() << std::endl;
      said = true;
    }
  } while (pause.wait(kLook, stop));
  // Before leadership is given back.
  leads_ = false;
  end_all();
}

bool Supervisor::is_ours(const PipelinePlace& place, std::int64_t revision) {
  if (const auto found = elsewhere_.find(place); found != elsewhere_.end() && found->second == revision) return false;
  try {
    const auto stored = manager::Registry(workspace_.of(place.tenant)).load(place.name);
    if (manager::make_engine(stored.spec)->traits(stored.spec).runs_in_process) return true;
    elsewhere_[place] = revision;
  } catch (const Error& error) {
    // One that cannot be read must not keep the others from running. It is looked at again: a key may come back.
    if (error.code() == ErrorCode::kPipelineNotFound || unreadable_[place] == revision) return false;
    unreadable_[place] = revision;
    events_.append({.tenant = place.tenant,
                    .kind = "pipeline.unreadable",
                    .severity = "error",
                    .pipeline = place.name,
                    .actor = "millrace",
                    .message = std::string(error.info().id) + ": " + error.message()});
  }
  return false;
}

bool Supervisor::look_at(const PipelinePlace& place, const store::Pipelines::Place& stored) {
  const auto found = workers_.find(place);
  // Before the board is told: what its run still tells comes in between.
  const bool runs = found != workers_.end() && !found->second->ended;
  board_.stored(place, stored.state, /*carried=*/true);
  if (stored.state != "active") return !runs;
  const bool same = found != workers_.end() && found->second->revision == stored.revision;
  if (runs || same) return same;
  if (!is_ours(place, stored.revision)) return elsewhere_.contains(place);
  workers_[place] = make_worker(place, stored.revision);
  return true;
}

void Supervisor::look() {
  auto glance = store::Pipelines::glance(*workspace_.database);
  {
    // Of many pipelines nearly always. A watch that had not heard of a deletion yet may have told of one that is gone.
    const std::lock_guard lock(mutex_);
    if (settled_ && glance == glance_ && board_.size() <= known_.size()) {
      looked_ = std::chrono::steady_clock::now();
      return;
    }
    settled_ = false;
  }
  const auto stored = store::Pipelines::everywhere(*workspace_.database);
  glance_ = std::move(glance);
  const std::lock_guard lock(mutex_);
  bool settled = true;
  known_.clear();
  for (const auto& pipeline : stored) {
    const PipelinePlace& place = *known_.insert({pipeline.tenant, pipeline.name}).first;
    if (!look_at(place, pipeline)) settled = false;
  }
  const auto gone = [&](const auto& entry) { return !known_.contains(entry.first); };
  std::erase_if(workers_, [&](const auto& entry) { return entry.second->ended && gone(entry); });
  if (std::any_of(workers_.begin(), workers_.end(), gone)) settled = false;
  board_.keep(known_);
  std::erase_if(elsewhere_, gone);
  std::erase_if(unreadable_, gone);
  settled_ = settled;
  looked_ = std::chrono::steady_clock::now();
}

std::shared_ptr<Supervisor::Worker> Supervisor::make_worker(const PipelinePlace& place, std::int64_t revision) {
  const bool stalled = told_.take(place, kStalledAlert);
  auto worker = std::make_shared<Worker>(
      workspace_.of(place.tenant), place.name, revision, events_, board_,
      manager::RunRequest{
          .watch = &watch_, .monitors = &monitors_, .ticker = &ticker_, .starts = &starts_, .sessions = &sessions_},
      stalled);
  worker->thread = std::jthread([inner = worker.get()](const std::stop_token& stop) { inner->run(stop); });
  return worker;
}

bool Supervisor::looked_lately() const {
  const std::lock_guard lock(mutex_);
  return std::chrono::steady_clock::now() - looked_ < kLate;
}

}  // namespace millrace::server
