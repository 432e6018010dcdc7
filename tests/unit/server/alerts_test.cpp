#include <gtest/gtest.h>

#include "security/address_policy.hpp"
#include "server/alert_delivery.hpp"
#include "server/alert_rules.hpp"
#include "support/error.hpp"

namespace millrace::server {
namespace {

EventFeed::Event event(const std::string& kind, const std::string& severity = "error", const std::string& code = "") {
  return {.tenant = "default", .kind = kind, .severity = severity, .pipeline = "SHOP", .message = "m", .code = code};
}

TEST(AlertRules, KnowWhichEventsPeopleAreToldOf) {
  EXPECT_EQ(rule_of(event("pipeline.health")), "failure");
  EXPECT_EQ(rule_of(event("pipeline.health", "error", "source.schema_changed")), "schema-change-paused");
  EXPECT_EQ(rule_of(event("slot.at_risk", "warning")), "slot-at-risk");
  EXPECT_EQ(rule_of(event("verify.mismatch")), "verify-mismatch");
  EXPECT_EQ(rule_of(event("lag.over", "info")), "lag");
  EXPECT_EQ(rule_of(event("run.failed")), "failure");
  EXPECT_EQ(rule_of(event("run.failed", "error", "source.schema_changed")), "schema-change-paused");
  EXPECT_FALSE(rule_of(event("run.failed", "warning")).has_value()) << "it is begun again";
  EXPECT_FALSE(rule_of(event("pipeline.health", "warning")).has_value()) << "it is tried again";
  EXPECT_FALSE(rule_of(event("alert.undelivered", "warning")).has_value()) << "or alerts would feed themselves";
}

TEST(AlertRules, TellTheEndByTheRuleOfTheBeginning) {
  EXPECT_EQ(rule_of(event("pipeline.recovered", "info")), "failure");
  EXPECT_EQ(rule_of(event("stream.recovered", "info")), "failure");
  EXPECT_EQ(rule_of(event("pipeline.recovered", "info", "source.schema_changed")), "schema-change-paused");
  EXPECT_EQ(rule_of(event("slot.recovered", "info")), "slot-at-risk");
  EXPECT_EQ(rule_of(event("verify.recovered", "info")), "verify-mismatch");
  EXPECT_FALSE(rule_of(event("verify.equal", "info")).has_value()) << "nothing differed before";
}

TEST(AlertRules, KeepTheirSettingsAndTheirDefaults) {
  AlertRuleSettings settings{.lag_s = 5, .for_s = 7, .pipelines = {"A"}, .channels = {"c"}};
  const auto back = parse_alert_rule(to_json_text(settings));
  EXPECT_EQ(back.lag_s, 5);
  EXPECT_EQ(back.for_s, 7);
  EXPECT_TRUE(back.means("A"));
  EXPECT_FALSE(back.means("B"));
  EXPECT_TRUE(parse_alert_rule("no json").means("B"));
  settings.enabled = false;
  EXPECT_FALSE(settings.means("A"));
}

TEST(Webhook, IsSignedByTheSecretOverTimeAndBody) {
  // Checked with: printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac secret
  EXPECT_EQ(webhook_signature(Secret("secret"), "1700000000", R"({"a":1})"),
            "sha256=49f24e537407743fa4a0242bb63b94b9a47ee99cbbe071ccd8a22550ae411686");
}

TEST(Webhook, GoesNowhereThatThePolicyRefuses) {
  const auto policy = security::AddressPolicy::private_networks();
  for (const char* url : {"http://127.0.0.1:9/", "http://169.254.169.254/", "http://[::ffff:169.254.169.254]/",
                          "http://2852039166/", "http://[::1]:9/"}) {
    const auto outcome = deliver(WebhookSettings{url}, Secret("s"), "id", "{}", policy);
    EXPECT_FALSE(outcome.delivered) << url;
    EXPECT_NE(outcome.message.find("may not be reached"), std::string::npos) << outcome.message;
  }
  for (const char* url : {"", "ftp://a.example/", "http://u@a.example/", "file:///etc/passwd"}) {
    EXPECT_THROW(check(WebhookSettings{url}), Error) << url;
  }
}

TEST(Email, TakesNoAddressThatIsMoreThanOne) {
  EmailSettings settings{.host = "mail.example",
                         .port = 25,
                         .security = "starttls",
                         .user = "",
                         .from = "a@b.example",
                         .to = {"c@d.example"}};
  EXPECT_NO_THROW(check(settings));
  for (const char* address : {"", "a", "a@b\r\nRCPT TO:<x@y>", "a@b,c@d", "<a@b>", "a@b@c", "a b@c"}) {
    settings.to = {address};
    EXPECT_THROW(check(settings), Error) << address;
  }
  settings.to = {"c@d.example"};
  settings.security = "none";
  settings.user = "u";
  EXPECT_THROW(check(settings), Error) << "a password in the clear";
}

}  // namespace
}  // namespace millrace::server
