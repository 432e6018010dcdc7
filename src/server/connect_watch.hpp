#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "ingestion/connect_engine.hpp"
#include "server/event_feed.hpp"
#include "server/live_board.hpp"
#include "server/pipeline_book.hpp"

namespace millrace::server {

/// Watches the pipelines that Kafka Connect carries: one question a cluster every ten seconds, however many pipelines
/// it has. Tells the board connectors and tasks, restarts what has FAILED (ConnectorCare) and tells each restart as an
/// event with the root cause of the trace. A cluster that cannot be reached makes its pipelines "unknown". A thread for
/// each cluster. Thread-safe.
class ConnectWatch {
 public:
  /// `acts`: whether this server is the one that looks after pipelines; others watch and restart nothing.
  ConnectWatch(PipelineBook& book, LiveBoard& board, EventFeed& events, std::function<bool()> acts,
               ingestion::TransportFactory transports = ingestion::make_curl_transport);
  ~ConnectWatch();
  ConnectWatch(const ConnectWatch&) = delete;
  ConnectWatch& operator=(const ConnectWatch&) = delete;

 private:
  class Cluster;
  void run(const std::stop_token& stop);
  void assign(const std::stop_token& stop);

  PipelineBook& book_;
  LiveBoard& board_;
  EventFeed& events_;
  std::function<bool()> acts_;
  ingestion::TransportFactory transports_;
  std::map<std::string, std::unique_ptr<Cluster>> clusters_;  ///< used by the thread alone
  std::jthread thread_;                                       ///< last: it uses all of the above
};

}  // namespace millrace::server
