#pragma once

#include <string>

#include "sqlserver/session.hpp"

namespace millrace::sqlserver {

/// Makes a schema. False when another session made it meanwhile. Throws what the session throws.
bool create_schema(Session& session, const std::string& name);

}  // namespace millrace::sqlserver
