#include "server/alert_rules.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "server/api_json.hpp"
#include "support/error.hpp"

namespace millrace::server {

using nlohmann::json;

bool AlertRuleSettings::means(const std::string& pipeline) const {
  return enabled && (pipelines.empty() || std::find(pipelines.begin(), pipelines.end(), pipeline) != pipelines.end());
}

std::string to_json_text(const AlertRuleSettings& settings) {
  return json{{"enabled", settings.enabled},
              {"lag_s", settings.lag_s},
              {"for_s", settings.for_s},
              {"pipelines", settings.pipelines},
              {"channels", settings.channels}}
      .dump();
}

AlertRuleSettings parse_alert_rule(const std::string& text) {
  AlertRuleSettings settings;
  const auto value = json::parse(text, nullptr, false);
  if (!value.is_object()) return settings;
  try {
    settings.enabled = value.value("enabled", settings.enabled);
    settings.lag_s = value.value("lag_s", settings.lag_s);
    settings.for_s = value.value("for_s", settings.for_s);
    settings.pipelines = value.value("pipelines", settings.pipelines);
    settings.channels = value.value("channels", settings.channels);
  } catch (const json::exception&) {
    return {};
  }
  return settings;
}

std::optional<std::string_view> rule_of(const EventFeed::Event& event) {
  const auto& kind = event.kind;
  if (kind == "lag.high" || kind == "lag.over") return "lag";
  if (kind.starts_with("slot.")) return "slot-at-risk";
  if (kind == "verify.mismatch" || kind == "verify.recovered") return "verify-mismatch";
  if (kind == "pipeline.stuck" || kind == "stream.stalled" || kind == "stream.recovered") return "failure";
  // A run that is begun again by itself is no alert; one that needs a person is.
  const bool fails = (kind == "pipeline.health" || kind == "run.failed") && event.severity == "error";
  if (fails || kind == "pipeline.recovered") {
    return event.code == error_info(ErrorCode::kSchemaChanged).id ? "schema-change-paused" : "failure";
  }
  return std::nullopt;
}

std::string alert_message(std::string_view rule, const EventFeed::Event& event) {
  const nlohmann::ordered_json message{{"rule", rule},
                                       {"severity", event.severity},
                                       {"time", rfc3339(event.time_ms)},
                                       {"tenant", event.tenant},
                                       {"pipeline", event.pipeline},
                                       {"kind", event.kind},
                                       {"message", event.message},
                                       {"table", event.table},
                                       {"lsn", event.lsn},
                                       {"code", event.code}};
  return message.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace millrace::server
