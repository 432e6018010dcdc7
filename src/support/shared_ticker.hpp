#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

namespace millrace {

/// Calls many functions on one thread, each when it is due: what runs of a process do every now and then does not cost
/// a thread each. Those that are due within a tenth of a second are called together, so a call can come that much
/// early. Thread-safe.
class SharedTicker {
 public:
  /// Returns how long until its next call. Must not throw, nor take itself out; one that waits makes the others wait.
  using Tick = std::function<std::chrono::milliseconds()>;

  SharedTicker();
  /// After the last one was removed.
  ~SharedTicker();
  SharedTicker(const SharedTicker&) = delete;
  SharedTicker& operator=(const SharedTicker&) = delete;

  /// Called first in `first`. Returns its number.
  int add(Tick tick, std::chrono::milliseconds first);
  /// Its next call comes in `wait`, whatever it asked for; one that is being called is called again then.
  void call_in(int number, std::chrono::milliseconds wait);
  /// It is not being called when this returns, nor any more.
  void remove(int number);

 private:
  using Clock = std::chrono::steady_clock;
  struct Entry {
    Tick tick;
    Clock::time_point due;
    bool leaves = false;  ///< somebody waits for the end of its call, to remove it
  };

  void run(const std::stop_token& stop);
  void set_due(int number, Entry& entry, Clock::time_point due);

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<int, Entry> entries_;
  std::set<std::pair<Clock::time_point, int>> order_;  ///< without the one that is being called
  int last_ = 0;
  int calling_ = 0;      ///< 0: none
  bool again_ = false;   ///< somebody asked for the one that is being called: its own answer does not count
  std::jthread thread_;  ///< last: it uses all of the above
};

}  // namespace millrace
