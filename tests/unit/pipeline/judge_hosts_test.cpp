#include "pipeline/judge_hosts.hpp"

#include <gtest/gtest.h>

#include "support/error.hpp"

namespace millrace::pipeline {
namespace {

PipelineSpec spec_of(const char* brokers, const char* url = "https://connect") {
  PipelineSpec spec;
  spec.engine = EngineKind::kKafkaConnect;
  spec.source.host = "pg";
  spec.target.host = "sql";
  spec.kafka.connect.url = url;
  spec.kafka.connect.kafka_bootstrap = brokers;
  return spec;
}

TEST(JudgeHosts, AsksAboutEveryHostThatTheSpecNames) {
  std::vector<std::string> asked;
  const HostGuard guard = [&](const std::string& host, std::uint16_t port) {
    asked.push_back(host + " " + std::to_string(port));
    return std::vector<std::string>{"192.0.2.1"};
  };
  judge_hosts(spec_of("k1:9092, SASL_SSL://k2:9093,[fd00::1]:9094"), guard);
  EXPECT_EQ(asked,
            (std::vector<std::string>{"pg 5432", "sql 1433", "connect 443", "k1 9092", "k2 9093", "fd00::1 9094"}));
  for (const char* wrong : {"k1", "k1:", "k1:x", "k1:70000"}) {
    EXPECT_THROW(judge_hosts(spec_of(wrong), guard), Error) << wrong;
  }
  EXPECT_THROW(judge_hosts(spec_of("", "no url"), guard), Error);
}

TEST(JudgeHosts, ARefusedHostIsNamedAsTheMemberThatItIs) {
  const std::pair<const char*, const char*> places[] = {{"pg", "source.host"},
                                                        {"sql", "target.host"},
                                                        {"connect", "kafka_connect.url"},
                                                        {"k1", "kafka_connect.kafka_bootstrap"}};
  for (const auto& [refused, field] : places) {
    const HostGuard guard = [&, refused = std::string(refused)](const std::string& host, std::uint16_t) {
      if (host == refused) throw Error(ErrorCode::kAddressRefused, "no", {.field = "host"});
      return std::vector<std::string>{"192.0.2.1"};
    };
    try {
      judge_hosts(spec_of("k1:9092"), guard);
      ADD_FAILURE() << refused << " was taken";
    } catch (const Error& error) {
      EXPECT_EQ(error.context().field, field);
    }
  }
}

}  // namespace
}  // namespace millrace::pipeline
