#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "preflight/connection_report.hpp"

namespace millrace::server {

/// What a test of a connection found, as the API has it. `side`: "source" | "target".
nlohmann::ordered_json connection_report_json(const std::string& side, const preflight::ConnectionReport& report);

}  // namespace millrace::server
