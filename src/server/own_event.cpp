#include "server/own_event.hpp"

namespace millrace::server {

void tell(const Call& call, const std::string& kind, const std::string& pipeline, const std::string& message) {
  call.services.events.append({.tenant = call.actor.tenant,
                               .kind = kind,
                               .severity = "info",
                               .pipeline = pipeline,
                               .actor = call.actor.user_name,
                               .message = message});
}

}  // namespace millrace::server
