#pragma once

#include <nlohmann/json_fwd.hpp>
#include <stop_token>

#include "cli/server_client.hpp"
#include "pipeline/engine.hpp"

namespace millrace::cli {

/// Follows long work of a server to its end: tells its lines of progress as they come, and gives its result.
/// `operation`: as it was accepted. At a stop request the server is asked to stop too, and what it took back is waited
/// for. A connection that is lost is tried again for a minute. Throws the Error that the work ended with, kInterrupted
/// when it was cancelled, and as ServerClient does (a note then names the operation, which goes on).
nlohmann::ordered_json follow_operation(ServerClient& client, const nlohmann::ordered_json& operation,
                                        const pipeline::Progress& progress, const std::stop_token& stop);

}  // namespace millrace::cli
