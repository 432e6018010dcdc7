#include "server/slot_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <utility>

#include "pipeline/names.hpp"
#include "postgres/slot.hpp"
#include "server/told_alerts.hpp"
#include "support/error.hpp"
#include "support/retry.hpp"
#include "support/unix_time.hpp"

namespace millrace::server {
namespace {

constexpr Milliseconds kSlotLook{30'000};
constexpr std::chrono::seconds kFirstSilence{60};
constexpr std::chrono::seconds kLongestSilence{300};
constexpr std::chrono::minutes kStalled{10};
/// A run that watches its slot tells of it every few seconds.
constexpr std::int64_t kFreshMs = 20'000;
constexpr std::size_t kAskers = 4;

std::string key_of(const SourceEndpoint& source) {
  std::string key;
  for (const auto& part : {source.host, std::to_string(source.port), source.user, source.password.reveal(),
                           source.sslmode, source.sslrootcert}) {
    key += std::to_string(part.size()) + ':' + part;
  }
  return key;
}

replication::SlotProgress progress_of(const postgres::SlotFacts& facts, const std::optional<std::int64_t>& limit) {
  return {.name = facts.name,
          .active = facts.active,
          .retained_bytes = facts.retained_bytes,
          .safe_bytes = facts.safe_wal_bytes,
          .limit_bytes = limit,
          .wal_status = facts.wal_status};
}

}  // namespace

SlotWatch::SlotWatch(std::shared_ptr<store::Database> database, PipelineBook& book, LiveBoard& board, EventFeed& events,
                     std::function<bool()> acts)
    : database_(std::move(database)),
      book_(book),
      board_(board),
      events_(events),
      acts_(std::move(acts)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

SlotWatch::~SlotWatch() = default;

void SlotWatch::run(const std::stop_token& stop) {
  ClockPause pause;
  do {
    try {
      if (!acts_()) continue;
      const auto wanted = sources();
      std::vector<const std::pair<const std::string, Source>*> list;
      for (const auto& source : wanted) list.push_back(&source);
      std::atomic<std::size_t> next{0};
      std::vector<std::jthread> askers;
      for (std::size_t i = 0; i < std::min(kAskers, list.size()); ++i) {
        askers.emplace_back([&] {
          while (!stop.stop_requested()) {
            const auto mine = next++;
            if (mine >= list.size()) return;
            ask(list[mine]->first, list[mine]->second);
          }
        });
      }
    } catch (const std::exception&) {
      // The store is away: readiness tells.
    }
  } while (pause.wait(kSlotLook, stop));
}

std::map<std::string, SlotWatch::Source> SlotWatch::sources() {
  std::map<std::string, Source> wanted;
  std::set<PipelinePlace> known;
  const auto now_ms = unix_ms();
  const auto now = Clock::now();
  const ToldAlerts before(*database_);
  const std::lock_guard lock(mutex_);
  for (const auto& [place, stored] : book_.read()) {
    known.insert(place);
    if (stored->state == "creating" || stored->state == "deleting" || !stored->resources.connectors) continue;
    const auto numbers = board_.find(place);
    const bool watched = numbers && (numbers->stream || numbers->loads) && now_ms - numbers->taken_ms < kFreshMs;
    if (watched) {
      // Its run tells of the slot itself; what was told here is past.
      told_.erase(place);
      continue;
    }
    const auto key = key_of(stored->spec.source);
    if (const auto silent = silent_.find(key); silent != silent_.end() && now < silent->second.until) continue;
    auto& source = wanted[key];
    source.endpoint = stored->spec.source;
    const bool by_connect = stored->spec.engine == pipeline::EngineKind::kKafkaConnect && stored->state == "active";
    const auto [told, fresh] = told_.try_emplace(place);
    if (fresh && by_connect) told->second.stalled = before.fires(place, kStalledAlert);
    source.slots.push_back({place, pipeline::derive_names(stored->spec).slot, by_connect});
  }
  std::erase_if(told_, [&](const auto& told) { return !known.contains(told.first); });
  return wanted;
}

void SlotWatch::ask(const std::string& key, const Source& source) {
  std::map<std::string, postgres::SlotFacts> slots;
  std::optional<std::int64_t> limit;
  try {
    postgres::Connection connection(source.endpoint);
    limit = postgres::slot_wal_limit(connection);
    for (auto& slot : postgres::read_slots(connection)) slots[slot.name] = std::move(slot);
  } catch (const Error&) {
    // Whoever reads the slot meets the same trouble and tells of it.
    const std::lock_guard lock(mutex_);
    auto& silence = silent_[key];
    silence.pause = std::clamp(silence.pause * 2, kFirstSilence, kLongestSilence);
    silence.until = Clock::now() + silence.pause;
    return;
  }
  const std::lock_guard lock(mutex_);
  silent_.erase(key);
  for (const auto& watched : source.slots) {
    const auto found = slots.find(watched.slot);
    if (found == slots.end()) {
      judge(watched, std::nullopt, "", 0);
      continue;
    }
    const auto& facts = found->second;
    judge(watched, progress_of(facts, limit), facts.confirmed_flush ? facts.confirmed_flush->to_string() : "",
          facts.lag_bytes);
  }
}

void SlotWatch::judge(const Watched& watched, const std::optional<replication::SlotProgress>& slot,
                      const std::string& confirmed, std::int64_t lag_bytes) {
  auto& told = told_[watched.place];
  if (!slot) {
    if (!std::exchange(told.missing, true)) {
      tell(watched, "slot.missing", "error",
           "the slot " + watched.slot + " does not exist any more: changes since it vanished are missing");
    }
    return;
  }
  told.missing = false;
  board_.slot(watched.place, *slot);
  const auto risk = risk_of(*slot);
  if (risk > told.risk) {
    const auto left = slot->safe_bytes
                          ? fmt::format("; {} MiB more and PostgreSQL gives it up", *slot->safe_bytes >> 20)
                          : std::string();
    const auto text = fmt::format("the slot {} keeps {} MiB of WAL ({}){}", slot->name, slot->retained_bytes >> 20,
                                  slot->wal_status, left);
    if (risk == SlotRisk::kLost) {
      tell(watched, "slot.lost", "error",
           "PostgreSQL has invalidated the slot " + slot->name + ": changes are missing");
    } else {
      tell(watched, "slot.at_risk", risk == SlotRisk::kWarning ? "warning" : "error", text);
    }
  }
  told.risk = risk;

  const auto now = Clock::now();
  if (!std::exchange(told.known, true)) {
    // Where it stands first is no move.
    told.confirmed = confirmed;
    told.moved = now;
  }
  if (!watched.by_connect || confirmed != told.confirmed || lag_bytes == 0) {
    told.confirmed = confirmed;
    told.moved = now;
    if (std::exchange(told.stalled, false)) {
      tell(watched, "stream.recovered", "info", "changes are confirmed again");
    }
  } else if (now - told.moved >= kStalled && !std::exchange(told.stalled, true)) {
    tell(watched, "stream.stalled", "error",
         fmt::format("nothing was confirmed for ten minutes, and {} MiB of WAL wait", lag_bytes >> 20));
  }
}

void SlotWatch::tell(const Watched& watched, const std::string& kind, const std::string& severity,
                     const std::string& message) {
  events_.append({.tenant = watched.place.tenant,
                  .kind = kind,
                  .severity = severity,
                  .pipeline = watched.place.name,
                  .actor = "millrace",
                  .message = message});
}

}  // namespace millrace::server
