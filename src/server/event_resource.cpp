#include <charconv>
#include <nlohmann/json.hpp>

#include "server/api_json.hpp"
#include "server/routes.hpp"
#include "support/error.hpp"

namespace millrace::server {
namespace {

constexpr std::int64_t kDefaultPage = 50;
constexpr std::int64_t kLargestPage = 1000;

std::optional<std::int64_t> number(const std::string& text, const std::string& field) {
  if (text.empty()) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size() || value < 0) {
    throw Error(ErrorCode::kUsage, field + " must be a whole number.", {.field = field});
  }
  return value;
}

}  // namespace

Response list_events_handler(const Call& call) {
  const auto size = number(call.request.parameter("pageSize"), "pageSize").value_or(kDefaultPage);
  if (size < 1 || size > kLargestPage) {
    throw Error(ErrorCode::kUsage, "pageSize must be 1 to 1000.", {.field = "pageSize"});
  }
  const auto before = number(call.request.parameter("pageToken"), "pageToken").value_or(0);
  const auto found =
      call.services.events.list(call.request.parameter("pipeline"), before, static_cast<std::size_t>(size));
  nlohmann::ordered_json items = nlohmann::ordered_json::array();
  for (const auto& event : found) items.push_back(nlohmann::ordered_json::parse(event_json_text(event)));
  const bool more = static_cast<std::int64_t>(found.size()) == size && found.back().id > 1;
  return json_response({{"items", std::move(items)}, {"nextPageToken", more ? std::to_string(found.back().id) : ""}});
}

Response stream_events_handler(const Call& call) {
  const auto last = number(call.request.header("last-event-id"), "Last-Event-ID");
  Response response{.type = "text/event-stream"};
  response.headers.emplace_back("X-Accel-Buffering", "no");
  response.stream = [&events = call.services.events, last](const std::shared_ptr<StreamWriter>& view) {
    events.follow(view, last);
  };
  return response;
}

}  // namespace millrace::server
