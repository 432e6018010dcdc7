#pragma once

#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>

#include "server/live_numbers.hpp"

namespace millrace::server {

/// PipelineProgress of the API. `tables`: only these; none: all.
nlohmann::ordered_json progress_json(const std::string& pipeline, const LiveNumbers& numbers,
                                     const std::set<std::string>* tables = nullptr);
/// PipelineLive of the API, the short form.
nlohmann::ordered_json live_json(const LiveNumbers& numbers, std::size_t tables_total);
/// Connector of the API.
nlohmann::ordered_json connector_json(const pipeline::ConnectorStatus& connector, int restarts);
/// The slot's part of both.
nlohmann::ordered_json slot_json(const replication::SlotProgress& slot);

}  // namespace millrace::server
