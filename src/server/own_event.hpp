#pragma once

#include <string>

#include "server/routes.hpp"

namespace millrace::server {

/// An event of what the caller did in the caller's tenant. `pipeline`: its name, or empty.
void tell(const Call& call, const std::string& kind, const std::string& pipeline, const std::string& message);

}  // namespace millrace::server
