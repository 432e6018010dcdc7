#include "replication/source_monitor.hpp"

#include <fmt/format.h>

#include <chrono>
#include <condition_variable>
#include <optional>
#include <thread>
#include <utility>

#include "postgres/connection.hpp"
#include "postgres/heartbeat.hpp"
#include "postgres/slot.hpp"
#include "replication/heartbeat_rule.hpp"
#include "support/error.hpp"
#include "support/retry.hpp"

namespace millrace::replication {
namespace {

constexpr std::chrono::seconds kInterval{5};
constexpr std::chrono::milliseconds kLeast{500};
constexpr std::chrono::seconds kAfterRefusedLogin{60};
/// So many looks in a row at a source that does not move tell nobody.
constexpr int kUntoldLooks = 2;
/// Shares of max_slot_wal_keep_size that are left.
constexpr int kWarnPercent = 50;
constexpr int kAlarmPercent = 20;

/// 0: fine; higher: closer to the loss of the slot.
int risk(const postgres::SlotFacts& slot) {
  if (slot.wal_status == "lost") return 4;
  if (slot.wal_status == "unreserved") return 3;
  if (!slot.safe_wal_bytes) return 0;
  const auto budget = *slot.safe_wal_bytes + slot.retained_bytes;
  if (budget <= 0) return 3;
  const auto left = *slot.safe_wal_bytes * 100 / budget;
  return left < kAlarmPercent ? 2 : left < kWarnPercent ? 1 : 0;
}

/// Who reaches a database alike shares the look.
std::string key_of(const SourceEndpoint& source) {
  std::string key;
  for (const auto& part : {source.host, std::to_string(source.port), source.database, source.user,
                           source.password.reveal(), source.sslmode, source.sslrootcert}) {
    key += std::to_string(part.size()) + ':' + part;
  }
  return key;
}

}  // namespace

class SourceLook {
 public:
  explicit SourceLook(const SourceEndpoint& source)
      : source_(source), thread_([this](const std::stop_token& stop) { run(stop); }) {}

  int join(std::string slot, SourceMonitor::Callbacks callbacks) {
    const std::lock_guard lock(mutex_);
    watchers_[++last_] = {std::move(slot), std::move(callbacks)};
    fresh_ = true;
    changed_.notify_all();
    return last_;
  }

  void leave(int number) {
    const std::lock_guard lock(mutex_);
    watchers_.erase(number);
  }

 private:
  struct Watcher {
    std::string slot;
    SourceMonitor::Callbacks callbacks;
    int told = 0;  ///< risk
  };

  void run(const std::stop_token& stop) {
    std::unique_ptr<postgres::Connection> connection;
    ClockPause pause;
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
      const bool joined = std::exchange(fresh_, false);
      lock.unlock();
      const auto interval = look(connection, joined);
      // Many that come at once are told together.
      if (!pause.wait(kLeast, stop)) return;
      lock.lock();
      changed_.wait_for(lock, stop, interval - kLeast, [&] { return fresh_; });
    }
  }

  static Lsn written(postgres::Connection& connection) {
    return Lsn::parse(connection.query("SELECT pg_current_wal_lsn()").text(0, 0)).value_or(Lsn());
  }

  /// The source's position, behind a heartbeat if one is due.
  Lsn position(postgres::Connection& connection, bool joined) {
    const auto now = HeartbeatRule::Clock::now();
    const auto before = written(connection);
    if (!joined && !heartbeats_.due(before, now)) return before;
    postgres::emit_heartbeat(connection, "millrace.heartbeat");
    const auto behind = written(connection);
    heartbeats_.beaten(behind, now);
    return behind;
  }

  std::chrono::milliseconds look(std::unique_ptr<postgres::Connection>& connection, bool joined) {
    try {
      if (!connection) {
        connection = std::make_unique<postgres::Connection>(source_);
        limit_ = postgres::slot_wal_limit(*connection);
      }
      const auto now = position(*connection, joined);
      if (!joined && now == told_ && ++untold_ <= kUntoldLooks) return kInterval;
      told_ = now;
      untold_ = 0;
      std::map<std::string, postgres::SlotFacts> slots;
      for (auto& slot : postgres::read_slots(*connection)) slots[slot.name] = std::move(slot);
      const std::lock_guard lock(mutex_);
      for (auto& [number, watcher] : watchers_) {
        watcher.callbacks.position(now);
        const auto slot = slots.find(watcher.slot);
        tell(watcher, slot == slots.end() ? nullptr : &slot->second);
      }
    } catch (const Error& error) {
      connection.reset();
      if (error.code() == ErrorCode::kSourceAuth) return kAfterRefusedLogin;
    }
    return kInterval;
  }

  void tell(Watcher& watcher, const postgres::SlotFacts* slot) const {
    if (slot != nullptr) {
      watcher.callbacks.slot({.name = watcher.slot,
                              .active = slot->active,
                              .retained_bytes = slot->retained_bytes,
                              .safe_bytes = slot->safe_wal_bytes,
                              .limit_bytes = limit_,
                              .wal_status = slot->wal_status});
    }
    const int now = slot == nullptr ? 0 : risk(*slot);
    if (now > watcher.told) {
      watcher.callbacks.at_risk(
          fmt::format("the slot {} keeps {} MiB of WAL ({}){}", watcher.slot, slot->retained_bytes >> 20,
                      slot->wal_status,
                      slot->safe_wal_bytes
                          ? fmt::format("; {} MiB more and PostgreSQL gives it up", *slot->safe_wal_bytes >> 20)
                          : std::string()),
          now > 1);
    }
    watcher.told = now;
  }

  SourceEndpoint source_;
  std::mutex mutex_;  ///< guards the watchers, while they are told too
  std::condition_variable_any changed_;
  std::map<int, Watcher> watchers_;
  int last_ = 0;
  bool fresh_ = false;  ///< one came since the last look
  // Used by the thread alone.
  std::optional<std::int64_t> limit_;
  HeartbeatRule heartbeats_;
  Lsn told_;
  int untold_ = 0;       ///< looks since
  std::jthread thread_;  ///< last: it uses all of the above
};

std::shared_ptr<SourceLook> SourceMonitors::look_at(const SourceEndpoint& source) {
  const std::lock_guard lock(mutex_);
  std::erase_if(looks_, [](const auto& entry) { return entry.second.expired(); });
  auto& known = looks_[key_of(source)];
  auto look = known.lock();
  if (!look) known = look = std::make_shared<SourceLook>(source);
  return look;
}

SourceMonitor::SourceMonitor(SourceMonitors& monitors, const SourceEndpoint& source, std::string slot,
                             Callbacks callbacks)
    : look_(monitors.look_at(source)), number_(look_->join(std::move(slot), std::move(callbacks))) {}

SourceMonitor::~SourceMonitor() {
  look_->leave(number_);
}

}  // namespace millrace::replication
