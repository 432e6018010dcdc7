#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "security/roles.hpp"
#include "server/http.hpp"
#include "support/error.hpp"

namespace millrace::server {

/// application/problem+json (RFC 9457) with code, requestId, retryable, notes, and errors[{pointer, code, message,
/// fix}] when a member of the request is to blame. Code and suggestion are the error registry's, and so is the status
/// unless another one tells more exactly what HTTP has a word for.
Response problem(const Error& error, const std::string& request_id, int status = 0);

/// Whether somebody may read what another server (PostgreSQL, SQL Server, Kafka Connect) said, word by word: who
/// administers connections. To others it would tell of a network that they have no business in.
bool may_read_foreign_words(const security::Actor& reader);
/// Takes such words out of a problem document: its detail becomes the error's meaning, its cause and notes go.
void hide_foreign_words(nlohmann::ordered_json& problem);

}  // namespace millrace::server
