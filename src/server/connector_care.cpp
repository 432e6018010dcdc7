#include "server/connector_care.hpp"

#include <algorithm>

namespace millrace::server {
namespace {

constexpr std::chrono::seconds kFirstRest{10};
constexpr std::chrono::minutes kLongestRest{10};
constexpr std::chrono::minutes kWell{5};
constexpr int kPassing = 3;
constexpr int kMostDoublings = 6;

/// "task 1: NullPointerException"; nothing when all of it runs or is on its way to.
std::optional<std::string> failure(const pipeline::ConnectorStatus& connector) {
  if (connector.state == "FAILED") return connector.root_cause;
  for (const auto& task : connector.tasks) {
    if (task.state == "FAILED") return "task " + std::to_string(task.id) + ": " + task.root_cause;
  }
  return std::nullopt;
}

}  // namespace

ConnectorCare::Verdict ConnectorCare::look(const pipeline::ConnectorStatus& connector, Clock::time_point now) {
  Verdict verdict;
  const auto cause = failure(connector);
  if (!cause) {
    if (!well_since_) well_since_ = now;
    if (restarts_ > 0 && now - *well_since_ >= kWell) restarts_ = 0;
    return verdict;
  }
  well_since_.reset();
  verdict.failed = true;
  verdict.root_cause = *cause;
  verdict.hopeless = restarts_ >= kPassing;
  if (restarts_ > 0 && now < next_) {
    verdict.next_attempt = next_ - now;
    return verdict;
  }
  verdict.restart = true;
  const auto pause = std::min<Clock::duration>(kLongestRest, kFirstRest * (1 << std::min(restarts_, kMostDoublings)));
  ++restarts_;
  next_ = now + pause;
  verdict.next_attempt = pause;
  return verdict;
}

}  // namespace millrace::server
