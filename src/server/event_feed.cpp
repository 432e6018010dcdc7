#include "server/event_feed.hpp"

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>
#include <utility>

#include "server/api_json.hpp"
#include "support/unix_time.hpp"

namespace millrace::server {
namespace {

using nlohmann::json;

constexpr std::size_t kRecent = 1000;
constexpr std::size_t kMostWaiting = 10'000;
constexpr std::chrono::seconds kFeedLook{1};
constexpr std::chrono::seconds kSettle{1};
constexpr std::int64_t kEventsKeptMs = std::int64_t{30} * 24 * 3600 * 1000;
constexpr int kPurgedAtOnce = 5000;
constexpr int kReadAtOnce = 500;

store::EventRecord to_record(const EventFeed::Event& event) {
  json details = json::object();
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) details[name] = value;
  };
  add("table", event.table);
  add("lsn", event.lsn);
  add("code", event.code);
  add("cause", event.cause);
  add("operation", event.operation);
  return {.tenant = event.tenant,
          .pipeline = event.pipeline,
          .kind = event.kind,
          .severity = event.severity,
          .actor = event.actor,
          .message = event.message,
          .details = details.empty() ? "" : details.dump(-1, ' ', false, json::error_handler_t::replace),
          .time_ms = event.time_ms};
}

EventFeed::Event to_event(store::EventRecord record) {
  EventFeed::Event event{.id = record.id,
                         .tenant = std::move(record.tenant),
                         .time_ms = record.time_ms,
                         .kind = std::move(record.kind),
                         .severity = std::move(record.severity),
                         .pipeline = std::move(record.pipeline),
                         .actor = std::move(record.actor),
                         .message = std::move(record.message)};
  const auto details = json::parse(record.details, nullptr, false);
  if (!details.is_object()) return event;
  const auto text = [&](const char* name) {
    const auto found = details.find(name);
    return found != details.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  event.table = text("table");
  event.lsn = text("lsn");
  event.code = text("code");
  event.cause = text("cause");
  event.operation = text("operation");
  return event;
}

void complain(const std::string& what) {
  const json line{{"time", rfc3339(unix_ms())}, {"level", "error"}, {"message", what}};
  std::cerr << line.dump(-1, ' ', false, json::error_handler_t::replace) << std::endl;
}

}  // namespace

std::int64_t EventFeed::cipher_key(store::Database& database) {
  constexpr const char* kName = "event-ids";
  return database.write([&](store::Session& session) {
    session.execute("INSERT INTO counters (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING",
                    {kName, security::NumberCipher::random_key()});
    return session.query("SELECT value FROM counters WHERE name = ?", {kName}).front().integer(0);
  });
}

std::string EventFeed::json_text(const Event& event) const {
  const nlohmann::ordered_json value{
      {"id", ids_.hide(event.id)},  {"time", rfc3339(event.time_ms)}, {"kind", event.kind},
      {"severity", event.severity}, {"pipeline", event.pipeline},     {"actor", event.actor},
      {"message", event.message},   {"table", event.table},           {"lsn", event.lsn},
      {"code", event.code},         {"cause", event.cause},           {"operation", event.operation}};
  return value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string EventFeed::as_stream(const Event& event) const {
  return "id: " + ids_.hide(event.id) + "\nevent: " + event.kind + "\ndata: " + json_text(event) + "\n\n";
}

EventFeed::EventFeed(std::shared_ptr<store::Database> database, OnStore on_store)
    : database_(std::move(database)), on_store_(std::move(on_store)), ids_(cipher_key(*database_)) {
  // What came lately can be told again to a view that lost its connection while the server was started anew.
  database_->read([this](store::Session& session) {
    store::Events events(session);
    last_id_ = events.last_id();
    oldest_ = std::max<std::int64_t>(0, last_id_ - static_cast<std::int64_t>(kRecent));
    for (auto& record : events.after(oldest_, static_cast<int>(kRecent))) {
      last_id_ = std::max(last_id_, record.id);
      recent_.push_back(to_event(std::move(record)));
    }
  });
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

EventFeed::~EventFeed() = default;

void EventFeed::append(Event event) {
  event.time_ms = unix_ms();
  const std::lock_guard lock(mutex_);
  waiting_.push_back(std::move(event));
  ++taken_;
  if (waiting_.size() > kMostWaiting) {
    waiting_.pop_front();
    ++settled_;
  }
  changed_.notify_all();
}

void EventFeed::run(const std::stop_token& stop) {
  bool complained = false;
  std::unique_lock lock(mutex_);
  while (true) {
    const bool ends = stop.stop_requested();
    auto events = std::exchange(waiting_, {});
    lock.unlock();
    bool written = false;
    try {
      write_down(events);
      written = true;
      catch_up();
      complained = false;
    } catch (const std::exception& failure) {
      if (!std::exchange(complained, true)) complain(std::string("events wait for the store: ") + failure.what());
    }
    lock.lock();
    if (written) {
      settled_ += events.size();
      changed_.notify_all();
    } else {
      for (auto event = events.rbegin(); event != events.rend() && waiting_.size() < kMostWaiting; ++event) {
        waiting_.push_front(std::move(*event));
      }
    }
    if (ends) return;
    // A store that is away is asked again after a while, not at once.
    changed_.wait_for(lock, stop, kFeedLook, [&] { return written && !waiting_.empty(); });
  }
}

/// All in one transaction; when one of them is refused for what it is (its tenant is gone) each by itself.
void EventFeed::write_down(const std::deque<Event>& events) {
  if (events.empty()) return;
  const auto append = [this](store::Session& session, const Event& event) {
    if (on_store_) on_store_(session, event);
    store::Events(session).append(to_record(event));
  };
  try {
    database_->write([&](store::Session& session) {
      for (const auto& event : events) append(session, event);
    });
  } catch (const store::ReferenceViolation&) {
    for (const auto& event : events) {
      try {
        database_->write([&](store::Session& session) { append(session, event); });
      } catch (const store::ReferenceViolation&) {
        // Nobody is left who might read it.
      }
    }
  }
}

void EventFeed::catch_up() {
  while (true) {
    auto records =
        database_->read([&](store::Session& session) { return store::Events(session).after(last_id_, kReadAtOnce); });
    const std::lock_guard lock(mutex_);
    std::erase_if(views_, [](const View& view) { return view.writer->closed(); });
    for (auto& record : records) {
      auto event = to_event(std::move(record));
      last_id_ = event.id;
      const auto text = as_stream(event);
      for (const auto& view : views_) {
        if (view.tenant == event.tenant) view.writer->write(text);
      }
      recent_.push_back(std::move(event));
      if (recent_.size() > kRecent) {
        oldest_ = recent_.front().id;
        recent_.pop_front();
      }
    }
    if (records.size() < kReadAtOnce) return;
  }
}

void EventFeed::settle() {
  std::unique_lock lock(mutex_);
  const auto wanted = taken_;
  changed_.wait_for(lock, kSettle, [&] { return settled_ >= wanted; });
}

store::PageOf<EventFeed::Event> EventFeed::list(const std::string& tenant, const store::Events::Filter& filter,
                                                const store::PageRequest& request) {
  settle();
  auto hidden = request;
  if (!request.after.empty()) {
    const auto last = ids_.reveal(store::decode_cursor(request.after, 1).front());
    // What is no event's id lies behind all of them, or is the number of one: nothing of another tenant shows.
    hidden.after = store::encode_cursor({std::to_string(last.value_or(0))});
  }
  auto page =
      database_->read([&](store::Session& session) { return store::Events(session).list(tenant, filter, hidden); });
  store::PageOf<Event> events;
  if (!page.next.empty()) events.next = store::encode_cursor({ids_.hide(page.items.back().id)});
  for (auto& record : page.items) events.items.push_back(to_event(std::move(record)));
  return events;
}

void EventFeed::follow(const std::string& tenant, std::shared_ptr<StreamWriter> view, const std::string& last_id,
                       const std::string& first) {
  const std::lock_guard lock(mutex_);
  if (ended_) return;
  std::string text = "retry: 3000\n\n" + first;
  if (!last_id.empty()) {
    const auto last = ids_.reveal(last_id);
    const bool at_hand = last && *last >= oldest_ && *last <= last_id_;
    if (!at_hand) text += "event: reset\ndata: {}\n\n";
    for (const auto& event : recent_) {
      if (at_hand && event.id > *last && event.tenant == tenant) text += as_stream(event);
    }
  }
  view->write(std::move(text));
  views_.push_back({tenant, std::move(view)});
}

void EventFeed::send_live(const std::string& tenant, const std::string& text) {
  const std::lock_guard lock(mutex_);
  for (const auto& view : views_) {
    if (view.tenant == tenant) view.writer->write(text);
  }
}

bool EventFeed::watched(const std::string& tenant) const {
  const std::lock_guard lock(mutex_);
  return std::any_of(views_.begin(), views_.end(),
                     [&](const View& view) { return view.tenant == tenant && !view.writer->closed(); });
}

void EventFeed::purge() {
  while (database_->write([](store::Session& session) {
    return store::Events(session).purge(unix_ms() - kEventsKeptMs, kPurgedAtOnce);
  }) >= kPurgedAtOnce) {
  }
}

void EventFeed::end() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  views_.clear();
}

}  // namespace millrace::server
