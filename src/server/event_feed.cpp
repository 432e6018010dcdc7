#include "server/event_feed.hpp"

#include <nlohmann/json.hpp>

#include "server/api_json.hpp"
#include "support/unix_time.hpp"

namespace millrace::server {
namespace {

constexpr std::size_t kKept = 1000;

std::string as_stream(const EventFeed::Event& event) {
  return "id: " + std::to_string(event.id) + "\nevent: " + event.kind + "\ndata: " + event_json_text(event) + "\n\n";
}

}  // namespace

std::string event_json_text(const EventFeed::Event& event) {
  nlohmann::ordered_json value{
      {"id", std::to_string(event.id)}, {"time", rfc3339(event.time_ms)}, {"kind", event.kind},
      {"severity", event.severity},     {"pipeline", event.pipeline},     {"actor", event.actor},
      {"message", event.message},       {"table", event.table},           {"lsn", event.lsn}};
  return value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

void EventFeed::append(Event event) {
  const std::lock_guard lock(mutex_);
  event.id = ++last_id_;
  event.time_ms = unix_ms();
  std::erase_if(views_, [](const auto& view) { return view->closed(); });
  const auto text = as_stream(event);
  for (const auto& view : views_) view->write(text);
  events_.push_back(std::move(event));
  if (events_.size() > kKept) events_.pop_front();
}

std::vector<EventFeed::Event> EventFeed::list(const std::string& pipeline, std::int64_t before,
                                              std::size_t limit) const {
  const std::lock_guard lock(mutex_);
  std::vector<Event> found;
  for (auto event = events_.rbegin(); event != events_.rend() && found.size() < limit; ++event) {
    if (before > 0 && event->id >= before) continue;
    if (pipeline.empty() || event->pipeline == pipeline) found.push_back(*event);
  }
  return found;
}

void EventFeed::follow(std::shared_ptr<StreamWriter> view, std::optional<std::int64_t> last_id) {
  const std::lock_guard lock(mutex_);
  if (ended_) return;
  std::string text = "retry: 3000\n\n";
  if (last_id) {
    const auto oldest = events_.empty() ? last_id_ + 1 : events_.front().id;
    if (*last_id + 1 < oldest || *last_id > last_id_) text += "event: reset\ndata: {}\n\n";
    for (const auto& event : events_) {
      if (event.id > *last_id) text += as_stream(event);
    }
  }
  view->write(std::move(text));
  views_.push_back(std::move(view));
}

void EventFeed::end() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  views_.clear();
}

}  // namespace millrace::server
