#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "manager/run_watch.hpp"
#include "store/database.hpp"
#include "store/runs.hpp"

namespace millrace::manager {

/// One look a second for all runs of a process, and one transaction every five for their signs of life: a store does
/// not feel how many there are. The thread sleeps while nothing is watched.
class SharedRunWatch : public RunWatch {
 public:
  explicit SharedRunWatch(std::shared_ptr<store::Database> database);
  /// After the last handle.
  ~SharedRunWatch() override;
  SharedRunWatch(const SharedRunWatch&) = delete;
  SharedRunWatch& operator=(const SharedRunWatch&) = delete;

  std::shared_ptr<void> watch(WatchedRun run) override;

 private:
  struct Entry {
    WatchedRun run;
    bool told = false;     ///< that it changed
    std::string progress;  ///< that the store has
  };
  void run(const std::stop_token& stop);
  void look();
  void beat();
  void forget(int number);

  std::shared_ptr<store::Database> database_;
  std::mutex mutex_;  ///< guards the runs, while they are told too
  std::condition_variable_any changed_;
  std::map<int, Entry> runs_;
  bool fresh_ = false;  ///< a run came since the last look
  int last_ = 0;
  std::string glance_;   ///< of the last look; the thread's own
  std::jthread thread_;  ///< last: it uses all of the above
};

}  // namespace millrace::manager
