#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "server/event_feed.hpp"
#include "server/live_board.hpp"
#include "server/pipeline_book.hpp"

namespace millrace::server {

/// Looks at the slots of pipelines that no run in this process watches: paused, failed, and those that Kafka Connect
/// carries; WAL piles up for them as well. Every thirty seconds each source is asked once for all its slots; one that
/// does not answer is asked less often, up to every five minutes. Tells the board, tells as events when a slot comes
/// closer to being lost (slot.at_risk: a warning, then an error) or is gone (slot.lost, slot.missing), and when a
/// connector runs and yet confirms nothing for ten minutes while the source writes (stream.stalled). Thread-safe.
class SlotWatch {
 public:
  /// `acts`: whether this server is the one that looks after pipelines; others ask nothing.
  SlotWatch(std::shared_ptr<store::Database> database, PipelineBook& book, LiveBoard& board, EventFeed& events,
            std::function<bool()> acts);
  ~SlotWatch();
  SlotWatch(const SlotWatch&) = delete;
  SlotWatch& operator=(const SlotWatch&) = delete;

 private:
  using Clock = std::chrono::steady_clock;
  struct Watched {
    PipelinePlace place;
    std::string slot;
    bool by_connect = false;  ///< Kafka Connect is to read it now
  };
  struct Source {
    SourceEndpoint endpoint;
    std::vector<Watched> slots;
  };
  /// What was told of a slot.
  struct Told {
    SlotRisk risk = SlotRisk::kOk;
    bool missing = false;
    std::string confirmed;  ///< LSN
    Clock::time_point moved{};
    bool stalled = false;
    bool known = false;  ///< something was found of it before
  };
  struct Silence {
    Clock::time_point until{};
    std::chrono::seconds pause{0};
  };

  void run(const std::stop_token& stop);
  std::map<std::string, Source> sources();
  void ask(const std::string& key, const Source& source);
  void judge(const Watched& watched, const std::optional<replication::SlotProgress>& slot, const std::string& confirmed,
             std::int64_t lag_bytes);
  void tell(const Watched& watched, const std::string& kind, const std::string& severity, const std::string& message);

  std::shared_ptr<store::Database> database_;
  PipelineBook& book_;
  LiveBoard& board_;
  EventFeed& events_;
  std::function<bool()> acts_;
  std::mutex mutex_;  ///< guards the two below: sources are asked by several threads
  std::map<PipelinePlace, Told> told_;
  std::map<std::string, Silence> silent_;  ///< sources that did not answer
  std::jthread thread_;                    ///< last: it uses all of the above
};

}  // namespace millrace::server
