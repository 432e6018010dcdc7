#pragma once

#include <string>

#include "manager/undo.hpp"
#include "sqlserver/session.hpp"
#include "support/endpoint.hpp"

namespace millrace::manager {

/// Makes a schema on the target, and notes on `undo` to take it back. False, and nothing is noted, when another
/// pipeline made it meanwhile: it is not this one's to take back. Throws what the session throws.
bool make_target_schema(sqlserver::Session& session, const TargetEndpoint& endpoint, const std::string& name,
                        Undo& undo);

}  // namespace millrace::manager
