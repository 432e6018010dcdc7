#pragma once

#include <string>
#include <utility>

#include "postgres/connection.hpp"
#include "sqlserver/session.hpp"
#include "support/endpoint.hpp"
#include "support/kept_sessions.hpp"

namespace millrace::pipeline {

/// Whose session it is, and with which server. The tenant too: how soon an answer comes must not tell one tenant what
/// another has stored.
template <typename Endpoint>
struct SessionKey {
  std::string tenant;
  Endpoint endpoint;

  friend bool operator==(const SessionKey& left, const SessionKey& right) {
    return left.tenant == right.tenant && same_session(left.endpoint, right.endpoint);
  }
};

/// Sessions with the sources and targets of pipelines, for what is asked or said again and again, with long pauses:
/// each question uses what the one before left, whoever asked it. Thread-safe.
class ServerSessions {
 public:
  /// Of either kind, so much is kept.
  explicit ServerSessions(SessionKeeping keeping = {});

  /// Asks as KeptSessions::ask does; opening throws as postgres::Connection does. Values have the form that
  /// schema::session_settings() asks for.
  template <typename Question>
  auto ask_source(const std::string& tenant, const SourceEndpoint& source, const Question& question) {
    return sources_.ask({tenant, source}, question);
  }
  /// The same of a target; opening throws as sqlserver::Session does, and statements end after 10 s, or 5 s of waiting
  /// for a lock (kTargetBusy).
  template <typename Question>
  auto ask_target(const std::string& tenant, const TargetEndpoint& target, const Question& question) {
    return targets_.ask({tenant, target}, question);
  }

 private:
  KeptSessions<SessionKey<SourceEndpoint>, postgres::Connection> sources_;
  KeptSessions<SessionKey<TargetEndpoint>, sqlserver::Session> targets_;
};

/// The same for one tenant: what is handed to those who need not know which. Thread-safe.
class TenantSessions {
 public:
  TenantSessions(ServerSessions& sessions, std::string tenant) : sessions_(sessions), tenant_(std::move(tenant)) {}

  template <typename Question>
  auto ask(const SourceEndpoint& source, const Question& question) {
    return sessions_.ask_source(tenant_, source, question);
  }
  template <typename Question>
  auto ask(const TargetEndpoint& target, const Question& question) {
    return sessions_.ask_target(tenant_, target, question);
  }

 private:
  ServerSessions& sessions_;
  std::string tenant_;
};

}  // namespace millrace::pipeline
