#include "server/alerts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "security/random.hpp"
#include "server/api_json.hpp"
#include "store/secrets.hpp"
#include "support/error.hpp"
#include "support/retry.hpp"
#include "support/unix_time.hpp"

namespace millrace::server {
namespace {

using nlohmann::json;

constexpr Milliseconds kAlertTick{2000};
constexpr int kTicksPerLook = 3;
constexpr int kAtOnce = 50;
constexpr std::array<std::int64_t, 7> kPausesS{10, 30, 60, 300, 900, 1800, 3600};

AlertRuleSettings rule_settings(store::Session& session, const std::string& tenant, std::string_view rule) {
  const auto text = store::AlertRules(session).find(tenant, std::string(rule));
  return text ? parse_alert_rule(*text) : AlertRuleSettings{};
}

bool is_moving(Health health) {
  return health == Health::kRunning || health == Health::kLoading;
}

bool is_retrying(Health health) {
  return health == Health::kRetrying || health == Health::kDegraded;
}

}  // namespace

std::string to_json_text(const WebhookSettings& settings) {
  return json{{"url", settings.url}}.dump();
}

std::string to_json_text(const EmailSettings& settings) {
  return json{{"host", settings.host}, {"port", settings.port}, {"security", settings.security},
              {"user", settings.user}, {"from", settings.from}, {"to", settings.to}}
      .dump();
}

WebhookSettings parse_webhook(const std::string& text) {
  const auto value = json::parse(text, nullptr, false);
  return {value.is_object() ? value.value("url", "") : ""};
}

EmailSettings parse_email(const std::string& text) {
  const auto value = json::parse(text, nullptr, false);
  if (!value.is_object()) return {};
  return {.host = value.value("host", ""),
          .port = value.value("port", std::uint16_t{0}),
          .security = value.value("security", "starttls"),
          .user = value.value("user", ""),
          .from = value.value("from", ""),
          .to = value.value("to", std::vector<std::string>{})};
}

security::SecretPlace secret_place(const store::AlertChannelRecord& channel) {
  return {channel.tenant, "alert/" + channel.id, "secret"};
}

std::string delivery_text(const DeliveryOutcome& outcome, std::int64_t time_ms) {
  return json{{"at", rfc3339(time_ms)}, {"delivered", outcome.delivered}, {"message", outcome.message}}.dump(
      -1, ' ', false, json::error_handler_t::replace);
}

Alerts::Alerts(std::shared_ptr<store::Database> database, std::shared_ptr<security::SecretBox> box, LiveBoard& board,
               EventFeed& events, security::AddressPolicy policy)
    : database_(std::move(database)),
      box_(std::move(box)),
      board_(board),
      events_(events),
      policy_(std::move(policy)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

Alerts::~Alerts() = default;

void Alerts::put_into_outbox(store::Session& session, const EventFeed::Event& event) {
  note_alert(session, event);
  const auto rule = rule_of(event);
  if (!rule) return;
  const auto settings = rule_settings(session, event.tenant, *rule);
  if (!settings.means(event.pipeline)) return;
  store::AlertOutbox outbox(session);
  const auto now = unix_ms();
  for (const auto& channel : store::AlertChannels(session).all(event.tenant)) {
    const auto& wanted = settings.channels;
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), channel.id) == wanted.end()) continue;
    outbox.insert({.id = security::new_id(),
                   .tenant = event.tenant,
                   .channel = channel.id,
                   .message = alert_message(*rule, event),
                   .next_ms = now,
                   .created_ms = now});
  }
}

void Alerts::run(const std::stop_token& stop) {
  ClockPause pause;
  for (int tick = 0; pause.wait(kAlertTick, stop); ++tick) {
    try {
      if (tick % kTicksPerLook == 0) look();
      send_due(stop);
    } catch (const std::exception&) {
      // The store is away: what is in the outbox waits there.
    }
  }
}

std::map<PipelinePlace, Alerts::Seen> Alerts::seen() const {
  std::map<PipelinePlace, Seen> all;
  board_.each([&](const PipelinePlace& place, const LiveNumbers& numbers) {
    Seen one{.health = numbers.health, .since_ms = numbers.since_ms, .streams = numbers.stream.has_value()};
    if (is_retrying(numbers.health)) one.reason = numbers.reason;
    if (numbers.slot) {
      one.slot_safe = risk_of(*numbers.slot) == SlotRisk::kOk;
      one.slot = numbers.slot->name;
    }
    if (numbers.stream) one.lag_s = numbers.stream->lag_s;
    all.emplace_hint(all.end(), place, std::move(one));
  });
  return all;
}

void Alerts::remember(const std::map<PipelinePlace, Seen>& all) {
  std::optional<ToldAlerts> told;
  for (const auto& [place, numbers] : all) {
    if (watched_.contains(place)) continue;
    if (!told) told.emplace(*database_);
    watched_[place] = {.lag_told = told->fires(place, kLagAlert),
                       .stuck_told = told->fires(place, kStuckAlert),
                       .slot_at_risk = told->fires(place, kSlotAlert)};
  }
}

void Alerts::look() {
  const auto all = seen();
  std::erase_if(watched_, [&](const auto& entry) { return !all.contains(entry.first); });
  remember(all);
  std::map<std::string, std::pair<AlertRuleSettings, AlertRuleSettings>> rules;  // lag, failure
  const auto now = unix_ms();
  for (const auto& [place, numbers] : all) {
    auto& watched = watched_[place];
    const bool retries = is_retrying(numbers.health);
    // What needs a person by now is ended by whoever told so.
    if (numbers.health == Health::kFailed) watched.stuck_told = false;
    if (is_moving(numbers.health) && std::exchange(watched.stuck_told, false)) {
      tell(place, "pipeline.recovered", "info", "moves data again");
    }
    if (numbers.slot_safe) {
      const bool safe = *numbers.slot_safe;
      if (std::exchange(watched.slot_at_risk, !safe) && safe) {
        tell(place, "slot.recovered", "info", "the slot " + numbers.slot + " is safe again");
      }
    }
    if (!retries && !numbers.streams) continue;
    auto known = rules.find(place.tenant);
    if (known == rules.end()) {
      auto settings = database_->read([&](store::Session& session) {
        return std::pair{rule_settings(session, place.tenant, "lag"), rule_settings(session, place.tenant, "failure")};
      });
      known = rules.emplace(place.tenant, std::move(settings)).first;
    }
    const auto& [lag, failing] = known->second;
    if (retries && !watched.stuck_told && failing.means(place.name) &&
        now - numbers.since_ms.value_or(now) >= failing.for_s * kMsPerS) {
      watched.stuck_told = true;
      tell(place, "pipeline.stuck", "error",
           fmt::format("is {} for {} s: {}", to_word(numbers.health), (now - *numbers.since_ms) / kMsPerS,
                       numbers.reason));
    }
    if (!numbers.lag_s) continue;
    const double lag_s = *numbers.lag_s;
    if (lag_s <= lag.lag_s) {
      watched.lag_since_ms.reset();
      if (std::exchange(watched.lag_told, false)) {
        tell(place, "lag.over", "info", fmt::format("the target is {:.0f} s behind again", lag_s));
      }
      continue;
    }
    if (!watched.lag_since_ms) watched.lag_since_ms = now;
    if (!watched.lag_told && lag.means(place.name) && now - *watched.lag_since_ms >= lag.for_s * kMsPerS) {
      watched.lag_told = true;
      tell(place, "lag.high", "warning",
           fmt::format("the target is {:.0f} s behind, and more than {:.0f} s for {} s", lag_s, lag.lag_s, lag.for_s));
    }
  }
}

void Alerts::send_due(const std::stop_token& stop) {
  const auto due =
      database_->read([](store::Session& session) { return store::AlertOutbox(session).due(unix_ms(), kAtOnce); });
  for (const auto& record : due) {
    if (stop.stop_requested()) return;
    const auto attempts = static_cast<std::size_t>(record.attempts);
    const bool last = attempts >= kPausesS.size();
    const auto next_ms = unix_ms() + kPausesS.at(std::min(attempts, kPausesS.size() - 1)) * kMsPerS;
    const auto channel = database_->write([&](store::Session& session) -> std::optional<store::AlertChannelRecord> {
      if (!store::AlertOutbox(session).claim(record, next_ms)) return std::nullopt;
      return store::AlertChannels(session).find(record.tenant, record.channel);
    });
    if (!channel) continue;
    const auto outcome = attempt(*channel, record.id, record.message);
    database_->write([&](store::Session& session) {
      if (outcome.delivered || last) store::AlertOutbox(session).remove(record.id);
      store::AlertChannels(session).note_delivery(record.tenant, record.channel, delivery_text(outcome, unix_ms()));
    });
    if (outcome.delivered || !last) continue;
    events_.append({.tenant = record.tenant,
                    .kind = "alert.undelivered",
                    .severity = "warning",
                    .actor = "millrace",
                    .message = "an alert could not be sent to the channel " + channel->name + ": " + outcome.message});
  }
}

DeliveryOutcome Alerts::attempt(const store::AlertChannelRecord& channel, const std::string& id,
                                const std::string& message) {
  try {
    const auto sealed = database_->read([&](store::Session& session) {
      const auto place = secret_place(channel);
      return store::Secrets(session).find(place.tenant, place.object, place.field);
    });
    const Secret secret = sealed ? box_->open(sealed->sealed, secret_place(channel)) : Secret();
    if (channel.kind == "webhook") return deliver(parse_webhook(channel.settings), secret, id, message, policy_);
    return deliver(parse_email(channel.settings), secret, id, message, policy_);
  } catch (const Error& error) {
    return {false, error.message()};
  }
}

DeliveryOutcome Alerts::test(const store::AlertChannelRecord& channel) {
  const EventFeed::Event event{.tenant = channel.tenant,
                               .time_ms = unix_ms(),
                               .kind = "alert.test",
                               .severity = "info",
                               .actor = "millrace",
                               .message = "This is a test of the channel " + channel.name + "."};
  const auto outcome = attempt(channel, security::new_id(), alert_message("test", event));
  database_->write([&](store::Session& session) {
    store::AlertChannels(session).note_delivery(channel.tenant, channel.id, delivery_text(outcome, unix_ms()));
  });
  return outcome;
}

void Alerts::tell(const PipelinePlace& place, const std::string& kind, const std::string& severity,
                  const std::string& message) {
  events_.append({.tenant = place.tenant,
                  .kind = kind,
                  .severity = severity,
                  .pipeline = place.name,
                  .actor = "millrace",
                  .message = message});
}

}  // namespace millrace::server
