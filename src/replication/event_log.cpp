#include "replication/event_log.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "sqlserver/session.hpp"
#include "support/error.hpp"
#include "support/ids.hpp"

namespace millrace::replication {
namespace {

constexpr std::size_t kMostWaiting = 1000;
constexpr std::chrono::seconds kConnectTime{5};
/// How many events are written before old ones are looked for again.
constexpr int kTrimEvery = 500;

std::string now_utc() {
  const auto now = std::chrono::system_clock::now();
  const auto whole = std::chrono::floor<std::chrono::seconds>(now);
  const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(now - whole);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}", fmt::gmtime(std::chrono::system_clock::to_time_t(whole)),
                     rest.count());
}

const char* word(RunEvent::Severity severity) {
  switch (severity) {
    case RunEvent::Severity::kInfo:
      return "info";
    case RunEvent::Severity::kWarning:
      return "warning";
    case RunEvent::Severity::kError:
      return "error";
  }
  return "info";
}

void insert(sqlserver::Session& session, const std::string& pipeline, const RunEvent& event, const std::string& at) {
  const auto lsn = Lsn::parse(event.lsn);
  const auto optional = [](const std::string& text) { return text.empty() ? std::nullopt : std::optional(text); };
  // A pipeline that was deleted meanwhile leaves nothing behind.
  session.execute(
      "INSERT INTO [millrace].[events] (pipeline, at, kind, severity, table_name, message, lsn) SELECT pipeline, "
      "CONVERT(datetime2(3), ?, 126), ?, ?, ?, ?, CONVERT(bigint, ?) FROM [millrace].[checkpoint] WHERE pipeline = ?",
      {at, event.kind, word(event.severity), optional(event.table), event.message,
       lsn ? std::optional(std::to_string(static_cast<std::int64_t>(lsn->value()))) : std::nullopt, pipeline});
}

void trim(sqlserver::Session& session, const std::string& pipeline) {
  session.execute(fmt::format("DELETE FROM [millrace].[events] WHERE pipeline = ? AND id <= (SELECT id FROM "
                              "[millrace].[events] WHERE pipeline = ? ORDER BY id DESC OFFSET {} ROWS FETCH NEXT 1 "
                              "ROWS ONLY)",
                              kEventsKept),
                  {pipeline, pipeline});
}

}  // namespace

EventLog::EventLog(RunObserver& inner, const TargetEndpoint& target, std::string pipeline,
                   pipeline::TenantSessions* sessions, std::chrono::milliseconds idle)
    : inner_(inner),
      target_(target),
      pipeline_(std::move(pipeline)),
      sessions_(sessions),
      idle_(idle),
      untrimmed_(kTrimEvery) {}

EventLog::~EventLog() = default;

void EventLog::event(const RunEvent& event) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back({event, now_utc()});
    if (waiting_.size() > kMostWaiting) waiting_.pop_front();
    fresh_ = true;
    changed_.notify_all();
    if (!writing_) begin_writing();
  }
  inner_.event(event);
}

/// Under the lock. A thread that is over has left it for good.
void EventLog::begin_writing() {
  if (thread_.joinable()) thread_.join();
  try {
    thread_ = std::jthread([this](const std::stop_token& stop) { write(stop); });
    writing_ = true;
  } catch (const std::system_error&) {
    // The next event tries again.
  }
}

void EventLog::write_one(const Entry& entry, std::unique_ptr<sqlserver::Session>& own) {
  const auto write = [&](sqlserver::Session& session) {
    insert(session, pipeline_, entry.event, entry.at);
    if (++untrimmed_ < kTrimEvery) return true;
    trim(session, pipeline_);
    untrimmed_ = 0;
    return true;
  };
  if (sessions_ != nullptr) {
    sessions_->ask(target_, write);
    return;
  }
  if (!own) own = std::make_unique<sqlserver::Session>(target_, kConnectTime);
  write(*own);
}

void EventLog::write(const std::stop_token& stop) {
  std::unique_ptr<sqlserver::Session> session;
  bool failed = false;
  std::unique_lock lock(mutex_);
  while (true) {
    const bool ends = stop.stop_requested();
    // A target that does not answer takes its time, and whoever ends waits.
    if (ends && failed) return;
    fresh_ = false;
    failed = false;
    try {
      while (!waiting_.empty()) {
        const Entry entry = waiting_.front();
        lock.unlock();
        write_one(entry, session);
        lock.lock();
        // It may have been pushed out by newer ones.
        if (!waiting_.empty() && waiting_.front().at == entry.at) waiting_.pop_front();
      }
    } catch (const Error&) {
      failed = true;
      session.reset();
      if (!lock.owns_lock()) lock.lock();
    }
    if (ends) return;
    // Events come in bursts, and a run may be quiet for days: its session is given back meanwhile, and the thread.
    if (session && !changed_.wait_for(lock, stop, idle_, [&] { return fresh_; })) {
      lock.unlock();
      session.reset();
      lock.lock();
    }
    if (waiting_.empty() && !fresh_) {
      writing_ = false;
      return;
    }
    changed_.wait(lock, stop, [&] { return fresh_; });
  }
}

}  // namespace millrace::replication
