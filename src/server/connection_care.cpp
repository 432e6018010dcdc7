#include "server/connection_care.hpp"

#include <chrono>
#include <utility>

#include "manager/connection_book.hpp"
#include "store/connections.hpp"
#include "support/error.hpp"
#include "support/retry.hpp"

namespace millrace::server {
namespace {

constexpr Milliseconds kCareTick{1000};
constexpr Milliseconds kFirstCare{60'000};
constexpr Milliseconds kLongestCare{600'000};

}  // namespace

ConnectionCare::ConnectionCare(manager::Workspace workspace, EventFeed& events, std::function<bool()> acts)
    : workspace_(std::move(workspace)),
      events_(events),
      acts_(std::move(acts)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

ConnectionCare::~ConnectionCare() = default;

void ConnectionCare::run(const std::stop_token& stop) {
  using Clock = std::chrono::steady_clock;
  ClockPause pause;
  Backoff backoff(kFirstCare, kLongestCare);
  bool acted = false;
  std::optional<Clock::time_point> due;
  do {
    const bool acts = acts_();
    if (acts && !std::exchange(acted, acts)) {
      backoff.reset();
      due = Clock::now();
    }
    acted = acts;
    if (!acts || !due || Clock::now() < *due) continue;
    bool again = true;
    try {
      again = look(stop);
    } catch (const std::exception&) {
      // The store is away, which readiness tells.
    }
    due = again ? std::optional(Clock::now() + backoff.next()) : std::nullopt;
  } while (pause.wait(kCareTick, stop));
}

bool ConnectionCare::look(const std::stop_token& stop) {
  bool left = false;
  const auto tenants =
      workspace_.database->read([](store::Session& session) { return store::Connections(session).tenants_in_use(); });
  for (const auto& tenant : tenants) {
    if (look(tenant, stop)) left = true;
  }
  return left;
}

bool ConnectionCare::look(const std::string& tenant, const std::stop_token& stop) {
  bool left = false;
  for (const auto& one : manager::ConnectionBook(workspace_.of(tenant)).bring_in_line(stop)) {
    const PipelinePlace place{tenant, one.pipeline};
    const auto code = one.error ? std::string(one.error->info().id) : std::string();
    const bool told = std::exchange(told_[place], code) == code && one.error;
    if (one.error && one.error->retriable()) left = true;
    if (told) continue;
    events_.append({.tenant = tenant,
                    .kind = one.error ? "connection.not_followed" : "pipeline.changed",
                    .severity = one.error ? "warning" : "info",
                    .pipeline = one.pipeline,
                    .actor = "millrace",
                    .message = one.error ? "does not follow its saved connection: " + one.error->message()
                                         : "follows its saved connection",
                    .code = code,
                    .cause = one.error ? one.error->cause() : ""});
  }
  return left;
}

}  // namespace millrace::server
