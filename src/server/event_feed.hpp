#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "security/number_cipher.hpp"
#include "server/http.hpp"
#include "store/database.hpp"
#include "store/events.hpp"

namespace millrace::server {

/// What happened, kept in the store, and the live views that follow it. A thread of its own writes events down, so that
/// nobody who tells one waits for the store, and reads what other servers on the same store wrote: every view sees
/// every event of its tenant once, in the order of ids. While the store is away the newest 10,000 events wait for it.
/// What a tenant sees of ids and page tokens tells nothing of the number of other tenants' events. Thread-safe.
class EventFeed {
 public:
  struct Event {
    std::int64_t id = 0;  ///< of the store: goes up with every event
    std::string tenant;   ///< id
    std::int64_t time_ms = 0;
    std::string kind;      ///< "pipeline.created", "run.failed", "retry", .. (docs/reference/events.md)
    std::string severity;  ///< info | warning | error
    std::string pipeline;
    std::string actor;  ///< user name, or "millrace"
    std::string message;
    std::string table;
    std::string lsn;
    std::string code;       ///< of an error, as in docs/reference/errors.md
    std::string cause;      ///< what lies behind it
    std::string operation;  ///< id of the long work that it belongs to
  };

  /// Work that is done in the transaction that stores an event, before the event itself.
  using OnStore = std::function<void(store::Session&, const Event&)>;

  explicit EventFeed(std::shared_ptr<store::Database> database, OnStore on_store = {});
  ~EventFeed();
  EventFeed(const EventFeed&) = delete;
  EventFeed& operator=(const EventFeed&) = delete;

  /// Takes the event down and sends it to the live views of its tenant; fills in the time. Does not wait.
  void append(Event event);
  /// Newest first, with everything that was appended before the call (unless the store takes longer than a second).
  /// Throws Error kUsage for a page token that list() did not give, and as the store does.
  store::PageOf<Event> list(const std::string& tenant, const store::Events::Filter& filter,
                            const store::PageRequest& request);
  /// Sends what came after the event `last_id`, then what comes. When that is not at hand any more, first a "reset"
  /// event: the view must read everything anew. Empty: only what comes. `first`: more text, sent before all of it.
  void follow(const std::string& tenant, std::shared_ptr<StreamWriter> view, const std::string& last_id,
              const std::string& first = {});
  /// An event of the stream that is neither kept nor has an id, for whoever watches now: numbers that change all the
  /// time.
  void send_live(const std::string& tenant, const std::string& text);
  bool watched(const std::string& tenant) const;

  /// The event as JSON, as lists and the stream have it.
  std::string json_text(const Event& event) const;

  /// Forgets events that are older than 30 days.
  void purge();
  /// Lets go of all views and takes no more: before the server that they belong to ends.
  void end();

 private:
  struct View {
    std::string tenant;
    std::shared_ptr<StreamWriter> writer;
  };
  static std::int64_t cipher_key(store::Database& database);
  std::string as_stream(const Event& event) const;
  void run(const std::stop_token& stop);
  void write_down(const std::deque<Event>& events);
  void catch_up();
  void settle();

  std::shared_ptr<store::Database> database_;
  OnStore on_store_;
  security::NumberCipher ids_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Event> waiting_;
  std::uint64_t taken_ = 0;    ///< appended so far
  std::uint64_t settled_ = 0;  ///< of these: written, or given up
  std::deque<Event> recent_;   ///< newest, of all tenants, in the order of ids
  std::int64_t last_id_ = 0;   ///< sent to the views
  std::int64_t oldest_ = 0;    ///< every event with an id above this is in recent_
  std::vector<View> views_;
  bool ended_ = false;
  std::jthread thread_;  ///< last: it uses all of the above
};

}  // namespace millrace::server
