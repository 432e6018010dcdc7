#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/event_feed.hpp"

namespace millrace::server {

/// What can be told.
inline constexpr std::array<std::string_view, 5> kAlertRules{"lag", "failure", "slot-at-risk", "verify-mismatch",
                                                             "schema-change-paused"};

/// How a tenant wants one of them. What was never set is as here: told to every channel.
struct AlertRuleSettings {
  bool enabled = true;
  double lag_s = 60;                        ///< rule lag: told when above ..
  std::int64_t for_s = 300;                 ///< .. for so long; rule failure: also when tried again for so long
  std::vector<std::string> pipelines = {};  ///< names; empty: all
  std::vector<std::string> channels = {};   ///< ids; empty: all

  bool means(const std::string& pipeline) const;
};
std::string to_json_text(const AlertRuleSettings& settings);
/// The defaults for a text that to_json_text did not make.
AlertRuleSettings parse_alert_rule(const std::string& text);

/// The rule that the event is told by; none: it is no alert.
std::optional<std::string_view> rule_of(const EventFeed::Event& event);

/// What a channel is sent, as JSON: webhooks get it as it is.
std::string alert_message(std::string_view rule, const EventFeed::Event& event);

}  // namespace millrace::server
