#include "store/firing_alerts.hpp"

namespace millrace::store {

void FiringAlerts::begin(const FiringAlert& alert) {
  session_.execute(
      "INSERT INTO firing_alerts (tenant, pipeline, alert, code, since_ms) "
      "SELECT tenant, name, ?, ?, ? FROM pipelines WHERE tenant = ? AND name = ? "
      "ON CONFLICT (tenant, pipeline, alert) DO UPDATE SET code = excluded.code",
      {alert.alert, alert.code, alert.since_ms, alert.tenant, alert.pipeline});
}

void FiringAlerts::end(const std::string& tenant, const std::string& pipeline, const std::string& alert) {
  session_.execute("DELETE FROM firing_alerts WHERE tenant = ? AND pipeline = ? AND alert = ?",
                   {tenant, pipeline, alert});
}

std::vector<FiringAlert> FiringAlerts::all() {
  std::vector<FiringAlert> alerts;
  for (const auto& row : session_.query("SELECT tenant, pipeline, alert, code, since_ms FROM firing_alerts")) {
    alerts.push_back({row.text(0), row.text(1), row.text(2), row.text(3), row.integer(4)});
  }
  return alerts;
}

}  // namespace millrace::store
