#pragma once

#include "security/roles.hpp"
#include "server/http.hpp"
#include "server/routes.hpp"

namespace millrace::server {

/// Who asks, by an API key or a session's cookie; a write of a session needs the header X-CSRF-Token as well. The
/// actor's tenant is that of the key, or the one the session has chosen: nothing else in a request names it. Throws
/// Error kUnauthenticated, kForbidden.
security::Actor authenticate(const Request& request, const Services& services);

/// Whether the credential that began a stream is still good for `permission` in the tenant that it began in.
bool still_allowed(const Request& request, const Services& services, const std::string& tenant,
                   security::Permission permission);

/// Throws Error kForbidden when the request came with an API key: what concerns a session or a person alone.
void require_session(const Call& call);

access::Client client_of(const Request& request);

/// Gives the browser a session that has begun, and tells of it: "signed in from 10.0.0.7". Of a member of no tenant the
/// audit log alone tells.
void give_session(const Call& call, const access::SignedIn& session, const std::string& how, Response& response);

}  // namespace millrace::server
