#include "pipeline/judge_hosts.hpp"

#include <curl/curl.h>

#include <charconv>
#include <memory>
#include <string>

#include "support/error.hpp"

namespace millrace::pipeline {
namespace {

constexpr const char* kBrokers = "kafka_connect.kafka_bootstrap";
constexpr const char* kUrl = "kafka_connect.url";

void judge(const HostGuard& guard, const std::string& host, std::uint16_t port, const std::string& field) {
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  try {
    guard(bracketed ? host.substr(1, host.size() - 2) : host, port);
  } catch (const Error& error) {
    throw Error(error.code(), error.message(), {.field = field}).suggest(error.suggestion());
  }
}

std::uint16_t port_of(const std::string& text, const std::string& field) {
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [read, failure] = std::from_chars(text.data(), end, port);
  if (failure != std::errc() || read != end || port == 0) {
    throw Error(ErrorCode::kUsage, field + " has no port from 1 to 65535.", {.field = field});
  }
  return port;
}

void judge_url(const std::string& text, const HostGuard& guard) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url(curl_url(), &curl_url_cleanup);
  const auto part = [&](CURLUPart which, unsigned flags) {
    char* raw = nullptr;
    const bool there = curl_url_get(url.get(), which, &raw, flags) == CURLUE_OK;
    const std::unique_ptr<char, decltype(&curl_free)> owned(raw, &curl_free);
    return there ? std::string(raw) : std::string();
  };
  if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
    throw Error(ErrorCode::kUsage, "The Kafka Connect URL cannot be read.", {.field = kUrl});
  }
  judge(guard, part(CURLUPART_HOST, 0), port_of(part(CURLUPART_PORT, CURLU_DEFAULT_PORT), kUrl), kUrl);
}

/// "host:port", also with a listener's scheme before it.
void judge_broker(std::string broker, const HostGuard& guard) {
  const auto scheme = broker.find("://");
  if (scheme != std::string::npos) broker.erase(0, scheme + 3);
  const auto colon = broker.rfind(':');
  if (colon == std::string::npos) {
    throw Error(ErrorCode::kUsage, "The Kafka brokers are host:port, divided by commas.", {.field = kBrokers});
  }
  judge(guard, broker.substr(0, colon), port_of(broker.substr(colon + 1), kBrokers), kBrokers);
}

void judge_brokers(const std::string& list, const HostGuard& guard) {
  for (std::size_t begin = 0; begin < list.size();) {
    auto end = list.find(',', begin);
    if (end == std::string::npos) end = list.size();
    const auto first = list.find_first_not_of(' ', begin);
    if (first < end) judge_broker(list.substr(first, list.find_last_not_of(' ', end - 1) - first + 1), guard);
    begin = end + 1;
  }
}

}  // namespace

void judge_hosts(const PipelineSpec& spec, const HostGuard& guard) {
  if (!guard) return;
  judge(guard, spec.source.host, spec.source.port, "source.host");
  judge(guard, spec.target.host, spec.target.port, "target.host");
  if (spec.engine != EngineKind::kKafkaConnect) return;
  judge_url(spec.kafka.connect.url, guard);
  judge_brokers(spec.kafka.connect.kafka_bootstrap, guard);
}

PipelineSpec guarded(PipelineSpec spec, const HostGuard& guard) {
  spec.source.guard = spec.target.guard = spec.kafka.connect.guard = guard;
  return spec;
}

}  // namespace millrace::pipeline
