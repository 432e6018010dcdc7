#pragma once

#include <nlohmann/json_fwd.hpp>

#include "security/roles.hpp"
#include "server/http.hpp"
#include "store/operations.hpp"

namespace millrace::server {

/// An operation as the API has it. The problem of one that failed is without the other side's words for a reader who
/// may not have them (hide_foreign_words).
nlohmann::ordered_json operation_json(const store::OperationRecord& operation, const security::Actor& reader);

/// 202 with the operation and its Location.
Response accepted(const store::OperationRecord& operation, const security::Actor& reader);

}  // namespace millrace::server
