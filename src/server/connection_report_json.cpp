#include "server/connection_report_json.hpp"

#include <nlohmann/json.hpp>

namespace millrace::server {

using nlohmann::ordered_json;

ordered_json connection_report_json(const std::string& side, const preflight::ConnectionReport& report) {
  ordered_json checks = ordered_json::array();
  for (const auto& check : report.checks) {
    checks.push_back({{"id", check.id},
                      {"title", check.title},
                      {"status", preflight::to_string(check.status)},
                      {"object", check.object},
                      {"message", check.message},
                      {"fix", check.fix},
                      {"fixIsSql", preflight::is_sql(check.fix)}});
  }
  return {{"side", side},
          {"ok", report.ok()},
          {"product", report.product},
          {"version", report.version},
          {"checks", std::move(checks)},
          {"grantScript", report.grant_script}};
}

}  // namespace millrace::server
