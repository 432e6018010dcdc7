#include "server/told_alerts.hpp"

#include "store/firing_alerts.hpp"

namespace millrace::server {
namespace {

bool needs_person(const EventFeed::Event& event) {
  return (event.kind == "pipeline.health" || event.kind == "run.failed") && event.severity == "error";
}

}  // namespace

void note_alert(store::Session& session, const EventFeed::Event& event) {
  if (event.pipeline.empty()) return;
  store::FiringAlerts alerts(session);
  const auto& kind = event.kind;
  const auto begin = [&](const char* alert) {
    alerts.begin({event.tenant, event.pipeline, alert, event.code, event.time_ms});
  };
  const auto end = [&](const char* alert) { alerts.end(event.tenant, event.pipeline, alert); };
  if (kind == "lag.high") return begin(kLagAlert);
  if (kind == "lag.over") return end(kLagAlert);
  if (kind == "pipeline.stuck") return begin(kStuckAlert);
  if (kind == "stream.stalled") return begin(kStalledAlert);
  if (kind == "stream.recovered") return end(kStalledAlert);
  if (kind == "slot.at_risk" || kind == "slot.lost") return begin(kSlotAlert);
  if (kind == "slot.recovered") return end(kSlotAlert);
  if (needs_person(event)) return begin(kFailedAlert);
  if (kind != "pipeline.recovered") return;
  end(kFailedAlert);
  end(kStuckAlert);
}

ToldAlerts::ToldAlerts(store::Database& database) {
  const auto all = database.read([](store::Session& session) { return store::FiringAlerts(session).all(); });
  for (const auto& alert : all) codes_[{alert.tenant, alert.pipeline}][alert.alert] = alert.code;
}

bool ToldAlerts::fires(const PipelinePlace& place, const std::string& alert) const {
  const auto found = codes_.find(place);
  return found != codes_.end() && found->second.contains(alert);
}

bool ToldAlerts::take(const PipelinePlace& place, const std::string& alert) {
  const auto found = codes_.find(place);
  return found != codes_.end() && found->second.erase(alert) > 0;
}

std::map<PipelinePlace, std::string> ToldAlerts::of(const std::string& alert) const {
  std::map<PipelinePlace, std::string> codes;
  for (const auto& [place, alerts] : codes_) {
    if (const auto found = alerts.find(alert); found != alerts.end()) codes[place] = found->second;
  }
  return codes;
}

}  // namespace millrace::server
