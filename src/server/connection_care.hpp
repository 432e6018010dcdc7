#pragma once

#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <thread>

#include "manager/workspace.hpp"
#include "server/event_feed.hpp"
#include "server/pipeline_place.hpp"

namespace millrace::server {

/// Brings pipelines in line with the saved connections that they come from, when this server begins to look after
/// pipelines: one that died between storing a change and handing it on has left them with the former password. A
/// pipeline whose server does not answer is tried again after a minute, then less often, up to every ten; what else
/// keeps one from following is told once, as "connection.not_followed". Thread-safe.
class ConnectionCare {
 public:
  /// `acts`: whether this server is the one that looks after pipelines. `workspace`: whose tenant does not matter.
  ConnectionCare(manager::Workspace workspace, EventFeed& events, std::function<bool()> acts);
  ~ConnectionCare();
  ConnectionCare(const ConnectionCare&) = delete;
  ConnectionCare& operator=(const ConnectionCare&) = delete;

 private:
  void run(const std::stop_token& stop);
  /// Whether a pipeline is left that may follow later.
  bool look(const std::stop_token& stop);
  bool look(const std::string& tenant, const std::stop_token& stop);

  manager::Workspace workspace_;
  EventFeed& events_;
  std::function<bool()> acts_;
  std::map<PipelinePlace, std::string> told_;  ///< by code; used by the thread alone
  std::jthread thread_;                        ///< last: it uses all of the above
};

}  // namespace millrace::server
