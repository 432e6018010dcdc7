#include "pipeline/server_sessions.hpp"

#include <chrono>

#include "schema/cell_encoder.hpp"

namespace millrace::pipeline {
namespace {

/// A server that is gone without a word leaves a kept session waiting until TCP gives up, a quarter of an hour. Longer
/// than it waits for a lock, whose end says more. (PostgreSQL's sessions have TCP's own limit, 30 s.)
constexpr std::chrono::seconds kTargetPatience{10};
constexpr std::chrono::seconds kLockPatience{5};

sqlserver::Session open_target(const SessionKey<TargetEndpoint>& key) {
  sqlserver::Session session(key.endpoint);
  session.set_lock_timeout(kLockPatience);
  session.set_statement_timeout(kTargetPatience);
  return session;
}

postgres::Connection open_source(const SessionKey<SourceEndpoint>& key) {
  postgres::Connection connection(key.endpoint);
  for (const auto& sql : schema::session_settings()) connection.execute(sql);
  return connection;
}

}  // namespace

ServerSessions::ServerSessions(SessionKeeping keeping)
    : sources_(open_source, ErrorCode::kSourceUnreachable, keeping),
      targets_(open_target, ErrorCode::kTargetUnreachable, keeping) {}

}  // namespace millrace::pipeline
