#include "manager/shared_run_watch.hpp"

#include <utility>

#include "store/pipelines.hpp"
#include "support/error.hpp"
#include "support/retry.hpp"

namespace millrace::manager {
namespace {

constexpr Milliseconds kLook{1000};
constexpr int kLooksPerBeat = 5;

}  // namespace

SharedRunWatch::SharedRunWatch(std::shared_ptr<store::Database> database)
    : database_(std::move(database)), thread_([this](const std::stop_token& stop) { run(stop); }) {}

SharedRunWatch::~SharedRunWatch() = default;

std::shared_ptr<void> SharedRunWatch::watch(WatchedRun run) {
  const std::lock_guard lock(mutex_);
  const int number = ++last_;
  runs_[number].run = std::move(run);
  fresh_ = true;
  changed_.notify_all();
  return {this, [this, number](void*) { forget(number); }};
}

void SharedRunWatch::forget(int number) {
  const std::lock_guard lock(mutex_);
  runs_.erase(number);
}

void SharedRunWatch::run(const std::stop_token& stop) {
  ClockPause pause;
  for (int looks = 0;; ++looks) {
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [&] { return !runs_.empty(); })) return;
    }
    if (!pause.wait(kLook, stop)) return;
    try {
      if (looks % kLooksPerBeat == 0) beat();
      look();
    } catch (const Error&) {
      // Of the store, which readiness tells of: the data does not wait for it.
    }
  }
}

void SharedRunWatch::look() {
  auto glance = store::Pipelines::glance(*database_);
  {
    // Of many runs nearly always: what was true of each then is true now.
    const std::lock_guard lock(mutex_);
    if (!fresh_ && glance == glance_) return;
  }
  std::map<std::pair<std::string, std::string>, std::int64_t> revisions;
  for (auto& place : store::Pipelines::everywhere(*database_)) {
    revisions[{std::move(place.tenant), std::move(place.name)}] = place.revision;
  }
  glance_ = std::move(glance);
  const std::lock_guard lock(mutex_);
  fresh_ = false;
  for (auto& [number, entry] : runs_) {
    const auto found = revisions.find({entry.run.tenant, entry.run.pipeline});
    if (entry.told || (found != revisions.end() && found->second == entry.run.revision)) continue;
    entry.told = true;
    entry.run.changed();
  }
}

void SharedRunWatch::beat() {
  std::map<int, store::Runs::Beat> beats;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [number, entry] : runs_) {
      auto progress = entry.run.progress();
      const bool same = progress == entry.progress;
      beats[number] = {entry.run.tenant, entry.run.pipeline, entry.run.process,
                       same ? std::nullopt : std::optional(std::move(progress))};
    }
  }
  std::vector<store::Runs::Beat> list;
  list.reserve(beats.size());
  for (const auto& [number, beat] : beats) list.push_back(beat);
  store::Runs::beat_all(*database_, list);
  const std::lock_guard lock(mutex_);
  for (auto& [number, beat] : beats) {
    const auto found = runs_.find(number);
    if (found != runs_.end() && beat.progress) found->second.progress = std::move(*beat.progress);
  }
}

}  // namespace millrace::manager
