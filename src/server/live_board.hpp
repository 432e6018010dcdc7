#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "server/event_feed.hpp"
#include "server/live_numbers.hpp"
#include "server/pipeline_place.hpp"
#include "support/error.hpp"

namespace millrace::server {

/// The present of every pipeline, as those who watch it tell: the runs in this process, the watch over Kafka Connect
/// and the one over slots. Routes, live views, /metrics, the history and alerts read it. A change of health is told as
/// an event "pipeline.health"; that a run failed is told by whoever runs it, and that data moves again after what
/// needed a person as "pipeline.recovered". Thread-safe.
class LiveBoard {
 public:
  explicit LiveBoard(EventFeed& events) : events_(events) {}
  ~LiveBoard() = default;
  LiveBoard(const LiveBoard&) = delete;
  LiveBoard& operator=(const LiveBoard&) = delete;

  /// The pipeline as it is stored; `carried`: a run in this process, or the watch over Connect, will tell more.
  void stored(const PipelinePlace& place, const std::string& state, bool carried);
  /// What needed a person before this server looked after pipelines, with the codes: the end of it is told.
  void failed_before(std::map<PipelinePlace, std::string> codes);
  /// How many it knows.
  std::size_t size() const;
  /// Forgets every pipeline but these.
  void keep(const std::set<PipelinePlace>& places);

  // Of runs.
  void run_began(const PipelinePlace& place);
  void event(const PipelinePlace& place, const replication::RunEvent& event);
  void load(const PipelinePlace& place, const std::vector<replication::TableProgress>& tables);
  void stream(const PipelinePlace& place, const replication::StreamProgress& progress);
  /// `next_attempt_ms`: when it is begun again; none: it needs a person.
  void run_failed(const PipelinePlace& place, const Error& error, std::optional<std::int64_t> next_attempt_ms);
  void run_ended(const PipelinePlace& place);

  // Of the watches.
  void slot(const PipelinePlace& place, const replication::SlotProgress& progress);
  void connectors(const PipelinePlace& place, Health health, const std::string& reason,
                  std::vector<pipeline::ConnectorStatus> connectors, std::map<std::string, int> restarts);

  std::optional<LiveNumbers> find(const PipelinePlace& place) const;
  std::map<PipelinePlace, LiveNumbers> all() const;
  /// By tenant and name, without a copy. Whoever tells something waits meanwhile: `visit` is short, and asks nothing of
  /// the board.
  void each(const std::function<void(const PipelinePlace&, const LiveNumbers&)>& visit) const;

  /// Sends what changed since the last call to the live views of each tenant: to be called once a second.
  void publish();
  /// What a new live view of a tenant begins with: the numbers of all its pipelines, as events of the stream.
  std::string as_stream(const std::string& tenant) const;

 private:
  struct Entry {
    LiveNumbers numbers;
    std::set<std::string> changed;  ///< tables, since the last publish
    bool dirty = false;
    std::optional<std::string> failed;  ///< the code of what needed a person, until data moves again
  };
  Entry& touch(const PipelinePlace& place);
  /// `told`: somebody else tells of the change.
  void judge(const PipelinePlace& place, Entry& entry, Health health, const std::string& reason, bool told = false);

  EventFeed& events_;
  mutable std::mutex mutex_;
  std::map<PipelinePlace, Entry> entries_;
  std::map<PipelinePlace, std::string> failed_before_;  ///< of those that have no entry yet
};

}  // namespace millrace::server
