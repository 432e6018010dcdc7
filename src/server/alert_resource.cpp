#include <algorithm>
#include <nlohmann/json.hpp>

#include "security/random.hpp"
#include "server/alerts.hpp"
#include "server/api_json.hpp"
#include "server/body_fields.hpp"
#include "server/query.hpp"
#include "server/routes.hpp"
#include "store/secrets.hpp"
#include "support/error.hpp"
#include "support/unix_time.hpp"
#include "support/utf16.hpp"

namespace millrace::server {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;
using store::AlertChannelRecord;

constexpr std::int64_t kHighestPort = 65535;
constexpr std::size_t kLongestName = 100;
constexpr std::int64_t kLongestS = 7 * 24 * 3600;

std::int64_t usual_port(const std::string& security) {
  constexpr std::int64_t kTls = 465;
  constexpr std::int64_t kStartTls = 587;
  constexpr std::int64_t kPlain = 25;
  return security == "tls" ? kTls : security == "starttls" ? kStartTls : kPlain;
}

ordered_json channel_json(const AlertChannelRecord& channel, bool secret_set) {
  ordered_json value{{"id", channel.id}, {"name", channel.name}, {"kind", channel.kind}};
  if (channel.kind == "webhook") {
    value["webhook"] = {{"url", parse_webhook(channel.settings).url}, {"secretSet", secret_set}};
  } else {
    const auto email = parse_email(channel.settings);
    value["email"] = {{"host", email.host}, {"port", email.port},        {"security", email.security},
                      {"user", email.user}, {"passwordSet", secret_set}, {"from", email.from},
                      {"to", email.to}};
  }
  value["createdAt"] = rfc3339(channel.created_ms);
  auto last = ordered_json::parse(channel.last_delivery, nullptr, false);
  value["lastDelivery"] = last.is_object() ? std::move(last) : ordered_json(nullptr);
  return value;
}

bool has_secret(store::Session& session, const AlertChannelRecord& channel) {
  const auto place = secret_place(channel);
  return store::Secrets(session).find(place.tenant, place.object, place.field).has_value();
}

AlertChannelRecord load(const Call& call) {
  const auto workspace = call.workspace();
  const auto found = workspace.database->read([&](store::Session& session) {
    return store::AlertChannels(session).find(workspace.tenant, call.parameters.at("id"));
  });
  if (!found) throw Error(ErrorCode::kObjectNotFound, "There is no such channel.");
  return *found;
}

const json& part(const json& body, const std::string& name, const std::vector<std::string>& known) {
  const auto found = body.find(name);
  if (found == body.end() || !found->is_object()) {
    throw Error(ErrorCode::kUsage, name + " is needed.", {.field = name});
  }
  refuse_unknown(*found, known);
  return *found;
}

/// A channel that is to be made, and its secret.
struct NewChannel {
  AlertChannelRecord record;
  Secret secret;
  bool made_up = false;
};

void read_webhook(const json& body, NewChannel& channel) {
  const auto& given = part(body, "webhook", {"url", "secret"});
  const WebhookSettings settings{needed_text_field(given, "url")};
  check(settings);
  channel.record.settings = to_json_text(settings);
  const auto secret = text_field(given, "secret");
  channel.made_up = !secret || secret->empty();
  channel.secret = channel.made_up ? security::random_token() : Secret(*secret);
}

void read_email(const json& body, NewChannel& channel) {
  const auto& given = part(body, "email", {"host", "port", "security", "user", "password", "from", "to"});
  EmailSettings settings{.host = needed_text_field(given, "host"),
                         .security = text_field(given, "security").value_or("starttls"),
                         .user = text_field(given, "user").value_or(""),
                         .from = needed_text_field(given, "from"),
                         .to = texts_field(given, "to")};
  if (settings.security != "tls" && settings.security != "starttls" && settings.security != "none") {
    throw Error(ErrorCode::kUsage, "security is tls, starttls or none.", {.field = "email.security"});
  }
  const auto port = number_field(given, "port").value_or(usual_port(settings.security));
  if (port < 1 || port > kHighestPort) {
    throw Error(ErrorCode::kUsage, "port is 1 to 65535.", {.field = "email.port"});
  }
  settings.port = static_cast<std::uint16_t>(port);
  check(settings);
  channel.record.settings = to_json_text(settings);
  if (const auto password = text_field(given, "password"); password && !password->empty()) {
    channel.secret = Secret(*password);
  }
}

std::string rule_name(const Call& call) {
  const auto& name = call.parameters.at("rule");
  if (std::find(kAlertRules.begin(), kAlertRules.end(), name) == kAlertRules.end()) {
    throw Error(ErrorCode::kObjectNotFound, "There is no such rule.");
  }
  return name;
}

ordered_json rule_json(std::string_view rule, const AlertRuleSettings& settings) {
  const bool lag = rule == "lag";
  return {{"rule", rule},
          {"enabled", settings.enabled},
          {"lagS", lag ? ordered_json(settings.lag_s) : ordered_json(nullptr)},
          {"forS", lag || rule == "failure" ? ordered_json(settings.for_s) : ordered_json(nullptr)},
          {"pipelines", settings.pipelines},
          {"channels", settings.channels}};
}

AlertRuleSettings read_rule(store::Session& session, const std::string& tenant, std::string_view rule) {
  const auto text = store::AlertRules(session).find(tenant, std::string(rule));
  return text ? parse_alert_rule(*text) : AlertRuleSettings{};
}

}  // namespace

Response list_channels_handler(const Call& call) {
  const auto workspace = call.workspace();
  return workspace.database->read([&](store::Session& session) {
    const auto page = store::AlertChannels(session).list(workspace.tenant, page_parameters(call.request));
    ordered_json items = ordered_json::array();
    for (const auto& channel : page.items) items.push_back(channel_json(channel, has_secret(session, channel)));
    return json_response({{"items", std::move(items)}, {"nextPageToken", page.next}});
  });
}

Response create_channel_handler(const Call& call) {
  const auto body = parse_body(call.request);
  refuse_unknown(body, {"name", "kind", "webhook", "email"});
  const auto workspace = call.workspace();
  NewChannel channel;
  channel.record.id = security::new_id();
  channel.record.tenant = workspace.tenant;
  channel.record.name = needed_text_field(body, "name");
  channel.record.kind = needed_text_field(body, "kind");
  channel.record.created_ms = unix_ms();
  if (characters(channel.record.name) > kLongestName) {
    throw Error(ErrorCode::kUsage, "name has at most 100 characters.", {.field = "name"});
  }
  if (channel.record.kind != "webhook" && channel.record.kind != "email") {
    throw Error(ErrorCode::kUsage, "kind is webhook or email.", {.field = "kind"});
  }
  if (const auto* other = channel.record.kind == "webhook" ? "email" : "webhook"; body.contains(other)) {
    throw Error(ErrorCode::kUsage, std::string(other) + " does not belong to this kind.", {.field = other});
  }
  channel.record.kind == "webhook" ? read_webhook(body, channel) : read_email(body, channel);

  const auto place = secret_place(channel.record);
  const auto sealed = channel.secret.empty() ? std::string() : workspace.box->seal(channel.secret, place);
  workspace.database->write([&](store::Session& session) {
    store::AlertChannels(session).insert(channel.record);
    if (sealed.empty()) return;
    store::Secrets(session).put({place.tenant, place.object, place.field, sealed,
                                 security::SecretBox::key_id_of(sealed), channel.record.created_ms});
  });
  auto answer = channel_json(channel.record, !sealed.empty());
  if (channel.made_up) answer["secret"] = channel.secret.reveal();
  auto response = json_response(answer, 201);
  response.headers.emplace_back("Location", "/api/v1/alerts/channels/" + channel.record.id);
  return response;
}

Response get_channel_handler(const Call& call) {
  const auto channel = load(call);
  const bool secret =
      call.workspace().database->read([&](store::Session& session) { return has_secret(session, channel); });
  return json_response(channel_json(channel, secret));
}

Response delete_channel_handler(const Call& call) {
  const auto workspace = call.workspace();
  workspace.database->write([&](store::Session& session) {
    store::AlertChannels(session).remove(workspace.tenant, call.parameters.at("id"));
  });
  return {.status = 204};
}

Response test_channel_handler(const Call& call) {
  const auto outcome = call.services.alerts.test(load(call));
  return json_response(ordered_json::parse(delivery_text(outcome, unix_ms())));
}

Response list_rules_handler(const Call& call) {
  const auto workspace = call.workspace();
  return workspace.database->read([&](store::Session& session) {
    ordered_json items = ordered_json::array();
    for (const auto rule : kAlertRules) items.push_back(rule_json(rule, read_rule(session, workspace.tenant, rule)));
    return json_response({{"items", std::move(items)}, {"nextPageToken", ""}});
  });
}

Response put_rule_handler(const Call& call) {
  const auto rule = rule_name(call);
  const auto body = parse_body(call.request);
  refuse_unknown(body, {"enabled", "lagS", "forS", "pipelines", "channels"});
  AlertRuleSettings settings;
  settings.enabled = flag_field(body, "enabled").value_or(settings.enabled);
  settings.lag_s = real_field(body, "lagS").value_or(settings.lag_s);
  settings.for_s = number_field(body, "forS").value_or(settings.for_s);
  if (settings.lag_s > kLongestS) throw Error(ErrorCode::kUsage, "lagS is at most a week.", {.field = "lagS"});
  if (settings.for_s > kLongestS) throw Error(ErrorCode::kUsage, "forS is at most a week.", {.field = "forS"});
  settings.pipelines = texts_field(body, "pipelines");
  settings.channels = texts_field(body, "channels");
  const auto workspace = call.workspace();
  workspace.database->write([&](store::Session& session) {
    store::AlertChannels channels(session);
    for (const auto& id : settings.channels) {
      if (!channels.find(workspace.tenant, id)) {
        throw Error(ErrorCode::kObjectNotFound, "There is no channel " + id + ".", {.field = "channels"});
      }
    }
    store::AlertRules(session).put(workspace.tenant, rule, to_json_text(settings));
  });
  return json_response(rule_json(rule, settings));
}

}  // namespace millrace::server
