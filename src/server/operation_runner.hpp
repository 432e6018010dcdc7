#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <stop_token>
#include <string>

#include "server/event_feed.hpp"
#include "store/database.hpp"
#include "store/operations.hpp"

namespace millrace::server {

/// What an operation is about.
struct OperationOrder {
  std::string tenant;  ///< id
  std::string kind;    ///< "pipeline.create", "pipeline.verify", ..
  std::string target;  ///< name of the pipeline
  std::string actor;   ///< user name: for people
};

/// Runs long work beside the request that asked for it, a thread each, and writes down in the store how it goes, so
/// that a client can follow and cancel it. Every step is told as an event too: operation.started, .progress,
/// .succeeded, .failed, .cancelled. Thread-safe.
class OperationRunner {
 public:
  /// Tells a line of progress; free of secrets.
  using Say = std::function<void(const std::string& line)>;
  /// The work: gives the result that clients see, or throws Error. Must end soon, with what it made taken back, once
  /// `stop` is requested.
  using Work = std::function<nlohmann::ordered_json(const Say& say, const std::stop_token& stop)>;

  /// `process`: the same at every start of this server; operations that an earlier life of it left running failed.
  OperationRunner(std::shared_ptr<store::Database> database, EventFeed& events, std::string process);
  /// Asks what runs to stop, and waits for it.
  ~OperationRunner();
  OperationRunner(const OperationRunner&) = delete;
  OperationRunner& operator=(const OperationRunner&) = delete;

  /// Begins the work; gives the operation as it was stored. Throws Error kThrottled while too many run.
  store::OperationRecord start(const OperationOrder& order, Work work);
  /// Asks for an end. Throws Error kObjectNotFound, or kPipelineState when it has ended.
  store::OperationRecord cancel(const std::string& tenant, const std::string& id);
  /// Asks all to stop and takes no more: before the server that they belong to ends.
  void end();

 private:
  class Task;
  void reap();

  std::shared_ptr<store::Database> database_;
  EventFeed& events_;
  std::string process_;
  std::mutex mutex_;
  bool ended_ = false;
  std::map<std::string, std::unique_ptr<Task>> tasks_;
};

}  // namespace millrace::server
