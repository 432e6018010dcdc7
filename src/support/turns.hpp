#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <list>
#include <mutex>
#include <stop_token>

#include "support/spare_stack.hpp"

namespace millrace {

/// Lets only some do the same thing at a time: those with an equal key. Who has waited for long enough does it all the
/// same, so that nobody is kept out by others that are stuck. Thread-safe; must outlive all turns. `Key` has
/// operator==.
template <typename Key>
class Turns {
  using Clock = std::chrono::steady_clock;

  /// Those with a key that are at it, or wait.
  struct Party {
    explicit Party(const Key& whose) : key(whose) {}
    Key key;
    std::size_t now = 0;
    std::size_t waiting = 0;
    Clock::time_point moved = Clock::now();  ///< when the last one came to an end
    std::condition_variable_any freed;
  };

 public:
  /// From when patience counts.
  enum class Patience {
    kFromArrival,  ///< of who waits
    kFromLastEnd   ///< of those it waits for, where that is later: a long line is waited for as long as it moves
  };

  /// `at_once`: 0 for any number.
  Turns(std::size_t at_once, std::chrono::milliseconds patience, Patience counts = Patience::kFromArrival)
      : at_once_(at_once), patience_(patience), counts_(counts) {}

  /// A place among those with the key, for as long as it lives.
  class Turn {
   public:
    /// Waits for a free place, for `patience` or until `stop` is requested.
    Turn(Turns& turns, const Key& key, const std::stop_token& stop = {}) : turns_(turns) {
      if (turns_.at_once_ == 0) return;
      std::unique_lock lock(turns_.mutex_);
      auto& all = turns_.parties_;
      party_ = std::find_if(all.begin(), all.end(), [&](const Party& party) { return party.key == key; });
      if (party_ == all.end()) party_ = all.emplace(all.end(), key);
      ++party_->waiting;
      const auto arrived = Clock::now();
      const auto free = [&] { return party_->now < turns_.at_once_; };
      while (!free() && !stop.stop_requested()) {
        const bool of_line = turns_.counts_ == Patience::kFromLastEnd;
        const auto until = (of_line ? std::max(party_->moved, arrived) : arrived) + turns_.patience_;
        if (Clock::now() >= until) break;
        give_back_spare_stack();
        party_->freed.wait_until(lock, stop, until, free);
      }
      --party_->waiting;
      ++party_->now;
    }
    ~Turn() {
      if (turns_.at_once_ == 0) return;
      const std::lock_guard lock(turns_.mutex_);
      party_->moved = Clock::now();
      if (--party_->now == 0 && party_->waiting == 0) {
        turns_.parties_.erase(party_);
      } else {
        party_->freed.notify_one();
      }
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    Turns& turns_;
    typename std::list<Party>::iterator party_;
  };

 private:
  const std::size_t at_once_;
  const std::chrono::milliseconds patience_;
  const Patience counts_;
  std::mutex mutex_;
  std::list<Party> parties_;
};

}  // namespace millrace
