#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "server/http.hpp"

namespace millrace::server {

/// What happened since the server started, newest 1000, and the live views that follow it. Thread-safe.
class EventFeed {
 public:
  struct Event {
    std::int64_t id = 0;  ///< goes up by one with every event of this server's life
    std::int64_t time_ms = 0;
    std::string kind;      ///< "pipeline.created", "run.failed", "retry", ...
    std::string severity;  ///< info | warning | error
    std::string pipeline;
    std::string actor;  ///< user name, or "millrace"
    std::string message;
    std::string table;
    std::string lsn;
  };

  /// Fills in id and time, and sends it to every live view.
  void append(Event event);
  /// Newest first, at most `limit`, with an id below `before` (0: from the newest).
  std::vector<Event> list(const std::string& pipeline, std::int64_t before, std::size_t limit) const;
  /// Sends what came after `last_id`, then what comes. When that is not kept any more, or is of an earlier life of the
  /// server, first a "reset" event: the view must read everything anew. None: only what comes.
  void follow(std::shared_ptr<StreamWriter> view, std::optional<std::int64_t> last_id);

  /// Lets go of all views and takes no more: before the server that they belong to ends.
  void end();

 private:
  mutable std::mutex mutex_;
  bool ended_ = false;
  std::deque<Event> events_;
  std::int64_t last_id_ = 0;
  std::vector<std::shared_ptr<StreamWriter>> views_;
};

/// The event as JSON, as lists and the stream have it.
std::string event_json_text(const EventFeed::Event& event);

}  // namespace millrace::server
