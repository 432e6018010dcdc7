#include "server/operation_runner.hpp"

#include <atomic>
#include <chrono>
#include <deque>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "security/random.hpp"
#include "server/problem.hpp"
#include "support/error.hpp"
#include "support/unix_time.hpp"

namespace millrace::server {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kMostTasks = 32;
constexpr std::size_t kKeptLines = 200;
/// How often progress is written and told: a line a table would be thousands.
constexpr std::chrono::milliseconds kFlushEvery{250};

std::string text_of(const ordered_json& value) {
  return value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

/// A problem as the API answers it; its request is the operation.
std::string problem_text(const Error& error, const std::string& id) {
  return problem(error, id).body;
}

Error lost_with_its_server() {
  return Error(ErrorCode::kInterrupted, "The server ended while the operation ran.")
      .suggest("Look at the pipeline: delete what is half made, then begin again.");
}

}  // namespace

/// One piece of work in its thread.
class OperationRunner::Task {
 public:
  Task(store::Database& database, EventFeed& events, store::OperationRecord record, Work work)
      : database_(database), events_(events), record_(std::move(record)), work_(std::move(work)) {}

  /// Apart from construction, so that the thread meets a whole object.
  void begin() {
    thread_ = std::jthread([this] { run(stop_.get_token()); });
  }
  bool done() const { return done_; }
  void request_stop() { stop_.request_stop(); }

 private:
  void run(const std::stop_token& stop) {
    tell("operation.started", "info", record_.kind + " has begun");
    try {
      const auto result = work_([this](const std::string& line) { say(line); }, stop);
      finish("succeeded", text_of(result), {});
      tell("operation.succeeded", "info", record_.kind + " is done");
    } catch (const Error& error) {
      const bool cancelled = error.code() == ErrorCode::kInterrupted && cancel_wanted();
      finish(cancelled ? "cancelled" : "failed", {}, problem_text(error, record_.id));
      tell(cancelled ? "operation.cancelled" : "operation.failed", cancelled ? "warning" : "error",
           cancelled ? record_.kind + " was cancelled" : error.message());
    } catch (const std::exception&) {
      // Its words are not ours and might hold anything.
      const Error error(ErrorCode::kInternal, "The operation failed unexpectedly.");
      finish("failed", {}, problem_text(error, record_.id));
      tell("operation.failed", "error", error.message());
    }
    work_ = {};  // with what it holds: credentials
    done_ = true;
  }

  void say(const std::string& line) {
    lines_.push_back({{"time_ms", unix_ms()}, {"message", line}});
    if (lines_.size() > kKeptLines) lines_.pop_front();
    const auto now = std::chrono::steady_clock::now();
    if (now - flushed_ < kFlushEvery) return;
    flushed_ = now;
    flush();
    tell("operation.progress", "info", line);
  }

  void flush() {
    const auto text = text_of(ordered_json(lines_));
    try {
      const bool cancel = database_.write([&](store::Session& session) {
        store::Operations operations(session);
        operations.note_progress(record_.id, text, unix_ms());
        return operations.cancel_requested(record_.id);
      });
      // Asked for at another server of the same store.
      if (cancel) stop_.request_stop();
    } catch (const Error&) {
      // Progress is for people: the work does not end because the store is busy.
    }
  }

  bool cancel_wanted() {
    try {
      return database_.read(
          [&](store::Session& session) { return store::Operations(session).cancel_requested(record_.id); });
    } catch (const Error&) {
      return false;
    }
  }

  void finish(const std::string& state, const std::string& result, const std::string& error) {
    if (!lines_.empty()) flush();
    try {
      database_.write([&](store::Session& session) {
        store::Operations(session).finish(record_.id, state, result, error, unix_ms());
      });
    } catch (const Error&) {
      // The next start of this server says that it was lost; its pipeline's own state is right.
    }
  }

  void tell(const std::string& kind, const std::string& severity, const std::string& message) {
    events_.append({.tenant = record_.tenant,
                    .kind = kind,
                    .severity = severity,
                    .pipeline = record_.target,
                    .actor = record_.actor,
                    .message = message,
                    .operation = record_.id});
  }

  store::Database& database_;
  EventFeed& events_;
  store::OperationRecord record_;
  Work work_;
  std::deque<ordered_json> lines_;
  std::chrono::steady_clock::time_point flushed_{};
  std::stop_source stop_;
  std::atomic<bool> done_ = false;
  std::jthread thread_;  ///< last: it uses all of the above
};

OperationRunner::OperationRunner(std::shared_ptr<store::Database> database, EventFeed& events, std::string process)
    : database_(std::move(database)), events_(events), process_(std::move(process)) {
  database_->write([&](store::Session& session) {
    store::Operations(session).abandon(process_, problem_text(lost_with_its_server(), ""), unix_ms());
  });
}

OperationRunner::~OperationRunner() {
  end();
}

store::OperationRecord OperationRunner::start(const OperationOrder& order, Work work) {
  store::OperationRecord record{.id = security::new_id(), .tenant = order.tenant, .kind = order.kind};
  record.target = order.target;
  record.actor = order.actor;
  record.process = process_;
  record.created_ms = record.updated_ms = unix_ms();
  const std::lock_guard lock(mutex_);
  reap();
  if (ended_) throw Error(ErrorCode::kInterrupted, "The server is ending.");
  if (tasks_.size() >= kMostTasks) {
    throw Error(ErrorCode::kThrottled, "32 operations are running already: wait until one has ended.");
  }
  database_->write([&](store::Session& session) { store::Operations(session).insert(record); });
  auto& task = tasks_[record.id];
  task = std::make_unique<Task>(*database_, events_, record, std::move(work));
  task->begin();
  return record;
}

store::OperationRecord OperationRunner::cancel(const std::string& tenant, const std::string& id) {
  auto record = database_->write([&](store::Session& session) {
    store::Operations operations(session);
    const bool running = operations.request_cancel(tenant, id, unix_ms());
    auto found = operations.find(tenant, id);
    if (!found) throw Error(ErrorCode::kObjectNotFound, "There is no operation " + id + ".");
    if (!running) {
      throw Error(ErrorCode::kPipelineState, "The operation has ended already.", {.pipeline = found->target});
    }
    return *found;
  });
  const std::lock_guard lock(mutex_);
  if (const auto task = tasks_.find(id); task != tasks_.end()) task->second->request_stop();
  return record;
}

void OperationRunner::end() {
  std::map<std::string, std::unique_ptr<Task>> left;
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    left.swap(tasks_);
  }
  // All at once, then each waited for: destroying a task joins its thread.
  for (const auto& [id, task] : left) task->request_stop();
}

void OperationRunner::reap() {
  std::erase_if(tasks_, [](const auto& entry) { return entry.second->done(); });
}

}  // namespace millrace::server
