#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "security/address_policy.hpp"
#include "security/secret_box.hpp"
#include "server/alert_delivery.hpp"
#include "server/alert_rules.hpp"
#include "server/event_feed.hpp"
#include "server/live_board.hpp"
#include "server/told_alerts.hpp"
#include "store/alerts.hpp"
#include "store/database.hpp"

namespace millrace::server {

/// Tells people who do not watch: puts an alert for every event that a rule means into the outbox, in the transaction
/// that stores the event, and a thread sends what is due; an attempt that fails is repeated after 10 s, 30 s, 1, 5, 15,
/// 30 and 60 minutes, then given up with an event. The thread also looks at the board for what no event tells: a lag
/// that lasts, and a pipeline that is tried again and again. Thread-safe.
class Alerts {
 public:
  Alerts(std::shared_ptr<store::Database> database, std::shared_ptr<security::SecretBox> box, LiveBoard& board,
         EventFeed& events, security::AddressPolicy policy);
  ~Alerts();
  Alerts(const Alerts&) = delete;
  Alerts& operator=(const Alerts&) = delete;

  /// In the transaction that stores the event.
  static void put_into_outbox(store::Session& session, const EventFeed::Event& event);

  /// One attempt, now, with a message that says it is a test.
  DeliveryOutcome test(const store::AlertChannelRecord& channel);

 private:
  /// What was told of a pipeline by looking at the board.
  struct Watched {
    std::optional<std::int64_t> lag_since_ms = {};
    bool lag_told = false;
    bool stuck_told = false;
    bool slot_at_risk = false;
  };
  /// What the looks need of a pipeline's numbers.
  struct Seen {
    Health health = Health::kUnknown;
    std::string reason = {};  ///< of one that retries
    std::optional<std::int64_t> since_ms = {};
    std::optional<bool> slot_safe = {};
    std::string slot = {};  ///< its name
    bool streams = false;
    std::optional<double> lag_s = {};
  };
  void run(const std::stop_token& stop);
  std::map<PipelinePlace, Seen> seen() const;
  /// Of pipelines that are new to the board: what was told of them before, by this process or an earlier one.
  void remember(const std::map<PipelinePlace, Seen>& all);
  void look();
  void send_due(const std::stop_token& stop);
  DeliveryOutcome attempt(const store::AlertChannelRecord& channel, const std::string& id, const std::string& message);
  void tell(const PipelinePlace& place, const std::string& kind, const std::string& severity,
            const std::string& message);

  std::shared_ptr<store::Database> database_;
  std::shared_ptr<security::SecretBox> box_;
  LiveBoard& board_;
  EventFeed& events_;
  security::AddressPolicy policy_;
  std::map<PipelinePlace, Watched> watched_;  ///< used by the thread alone
  std::jthread thread_;                       ///< last: it uses all of the above
};

/// The settings of a channel as they are stored, and back.
std::string to_json_text(const WebhookSettings& settings);
std::string to_json_text(const EmailSettings& settings);
WebhookSettings parse_webhook(const std::string& text);
EmailSettings parse_email(const std::string& text);

/// Where a channel's secret is sealed to.
security::SecretPlace secret_place(const store::AlertChannelRecord& channel);

/// Delivery of the API, as channels keep it.
std::string delivery_text(const DeliveryOutcome& outcome, std::int64_t time_ms);

}  // namespace millrace::server
