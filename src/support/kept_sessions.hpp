#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <iterator>
#include <list>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

#include "support/error.hpp"
#include "support/turns.hpp"

namespace millrace {

/// What of unused sessions is kept, and how long.
struct SessionKeeping {
  std::size_t most = 8;                    ///< at a time; the one that was used longest ago is closed first
  std::chrono::milliseconds idle{30'000};  ///< since it was used last
  /// Since it was opened, however often it is used: a name that moves to another address, a certificate that is changed
  /// and a right that is taken away are followed.
  std::chrono::milliseconds age{300'000};
  /// Questions with an equal key at a time; 0: any number. Further ones wait for a session, but not longer than
  /// `patience`: then they are asked all the same.
  std::size_t at_once = 0;
  std::chrono::milliseconds patience{2000};
};

/// Sessions with servers that are kept for a while after a use, for the next one with an equal key. One is used by one
/// question at a time. `Key` has operator== and tells all that decides who a session is and where; a `Session` can be
/// moved, and its destructor closes it. A thread closes what is kept too long; it sleeps while nothing is kept.
/// Thread-safe; the object must outlive all questions.
template <typename Key, typename Session>
class KeptSessions {
 public:
  using Open = std::function<Session(const Key& key)>;

  /// `open` is called from any thread, and may throw. `lost`: the code of the errors by which a session tells that its
  /// server is gone.
  KeptSessions(Open open, ErrorCode lost, SessionKeeping keeping = {})
      : open_(std::move(open)),
        lost_(lost),
        keeping_(keeping),
        turns_(keeping.at_once, keeping.patience),
        thread_([this](const std::stop_token& stop) { close_unused(stop); }) {}
  ~KeptSessions() = default;
  KeptSessions(const KeptSessions&) = delete;
  KeptSessions& operator=(const KeptSessions&) = delete;

  /// What `question(session)` answers, on a kept session or a fresh one. It leaves no transaction and no changed
  /// setting behind, and can be asked twice: when a kept session turns out to be lost, a fresh one takes its place.
  /// Passes on what the question throws, and what opening throws; the session is closed then.
  template <typename Question>
  auto ask(const Key& key, const Question& question) {
    const typename Turns<Key>::Turn turn(turns_, key);
    if (auto kept = take(key)) {
      try {
        return answer(std::move(*kept), question);
      } catch (const Error& error) {
        if (error.code() != lost_) throw;
      }
    }
    return answer(Entry{key, open_(key), Clock::now() + keeping_.age, {}}, question);
  }

 private:
  using Clock = std::chrono::steady_clock;
  struct Entry {
    Key key;
    Session session;
    Clock::time_point oldest;  ///< when it is too old
    Clock::time_point until;   ///< while it is kept: when it is closed
  };

  template <typename Question>
  auto answer(Entry entry, const Question& question) {
    auto told = question(entry.session);
    give_back(std::move(entry));
    return told;
  }

  std::optional<Entry> take(const Key& key) {
    const auto now = Clock::now();
    const std::lock_guard lock(mutex_);
    // The one that was used last, so that those that are too many get old.
    const auto found = std::find_if(kept_.rbegin(), kept_.rend(),
                                    [&](const Entry& entry) { return entry.until > now && entry.key == key; });
    if (found == kept_.rend()) return std::nullopt;
    const auto place = std::prev(found.base());
    std::optional<Entry> taken(std::move(*place));
    kept_.erase(place);
    return taken;
  }

  void give_back(Entry entry) {
    const auto now = Clock::now();
    entry.until = std::min(now + keeping_.idle, entry.oldest);
    if (entry.until <= now) return;
    std::list<Entry> surplus;  // closed without the lock: that takes a word with the server
    {
      const std::lock_guard lock(mutex_);
      kept_.push_back(std::move(entry));
      if (kept_.size() > keeping_.most) surplus.splice(surplus.end(), kept_, kept_.begin());
    }
    changed_.notify_all();
  }

  void close_unused(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (changed_.wait(lock, stop, [this] { return !kept_.empty(); }) && !stop.stop_requested()) {
      const auto next = first_end();
      changed_.wait_until(lock, stop, next, [&] { return kept_.empty() || first_end() < next; });
      std::list<Entry> over;
      const auto now = Clock::now();
      for (auto entry = kept_.begin(); entry != kept_.end();) {
        const auto place = entry++;
        if (place->until <= now) over.splice(over.end(), kept_, place);
      }
      lock.unlock();
      over.clear();
      lock.lock();
    }
  }

  /// Of those that are kept, under the lock.
  Clock::time_point first_end() const {
    return std::min_element(kept_.begin(), kept_.end(),
                            [](const Entry& left, const Entry& right) { return left.until < right.until; })
        ->until;
  }

  const Open open_;
  const ErrorCode lost_;
  const SessionKeeping keeping_;
  Turns<Key> turns_;
  std::mutex mutex_;  ///< guards kept_
  std::condition_variable_any changed_;
  std::list<Entry> kept_;  ///< the one that was used last is at the end
  std::jthread thread_;    ///< last: it uses all of the above
};

}  // namespace millrace
