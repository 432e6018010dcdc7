#include <chrono>
#include <optional>

#include "preflight/check_list.hpp"
#include "preflight/connection_report.hpp"
#include "preflight/connection_trial.hpp"
#include "preflight/grant_script.hpp"
#include "preflight/target_checks.hpp"
#include "sqlserver/server_facts.hpp"

namespace millrace::preflight {
namespace {

/// A person waits for it.
constexpr std::chrono::seconds kTargetPatience{10};

std::vector<CheckList::Expected> expected_of_target() {
  return {{"target.reachable", "Network"},
          {"target.tls", "Encryption"},
          {"target.sign_in", "Sign-in"},
          {"target.database", "Database"},
          {"target.version", "SQL Server version"},
          {"target.create_schema", "Target schema"},
          {"target.create_table", "Right to create tables"},
          {"target.write", "Right to read and change rows"},
          {"target.state_schema", "Schema for Millrace's state"}};
}

TrialSide side_of(const TargetEndpoint& endpoint) {
  return {.side = "target",
          .product = "SQL Server",
          .place = endpoint.host + ":" + std::to_string(endpoint.port),
          .user = endpoint.user,
          .database = endpoint.database,
          .tls = "encrypt=" + endpoint.encrypt,
          .no_database = endpoint.user + " cannot open the database " + endpoint.database,
          .unreachable = ErrorCode::kTargetUnreachable,
          .auth = ErrorCode::kTargetAuth,
          .database_not_found = ErrorCode::kTargetDatabaseNotFound};
}

class TargetReport {
 public:
  TargetReport(const TargetEndpoint& endpoint, const ReportOptions& options)
      : endpoint_(endpoint),
        options_(options),
        list_(expected_of_target(), options.foreign_words),
        trial_(side_of(endpoint), list_) {}

  ConnectionReport run() {
    bool looked = false;
    if (auto session = connect()) looked = look(*session);
    report_.checks = list_.finish(looked);
    report_.grant_script = target_grant_script(endpoint_);
    return std::move(report_);
  }

 private:
  std::optional<sqlserver::Session> connect() {
    try {
      std::optional<sqlserver::Session> session(std::in_place, endpoint_, kTargetPatience);
      trial_.succeeded();
      return session;
    } catch (const Error& error) {
      if (!trial_.failed(error)) throw;
      return std::nullopt;
    }
  }

  /// Whether everything was looked at.
  bool look(sqlserver::Session& session) {
    try {
      const auto facts = sqlserver::read_server_facts(session, endpoint_.schema);
      report_.product = "SQL Server";
      report_.version = facts.product_version;
      judge_tls(facts);
      auto findings = check_target({.server = facts,
                                    .schema = endpoint_.schema,
                                    .creates_tables = true,
                                    .keeps_state = sqlserver::may_keep_state(session)});
      std::erase_if(findings, [](const Finding& finding) { return finding.id == "target.encryption"; });
      list_.take(findings);
      if (facts.schema_exists || facts.can_create_schema) {
        list_.pass("target.create_schema",
                   endpoint_.schema + (facts.schema_exists ? " is there" : " is not there yet: it will be made"));
      }
      return true;
    } catch (const Error& error) {
      list_.fail("target.catalog", "the server's catalog could not be read", error);
      return false;
    }
  }

  void judge_tls(const sqlserver::ServerFacts& facts) {
    if (!facts.connection_encrypted) {
      list_.warn("target.tls", "the connection is not encrypted: rows and changes travel in the clear",
                 "Choose encrypt yes.");
    } else if (endpoint_.trust_server_certificate) {
      list_.warn("target.tls", "encrypted, but any certificate is accepted: somebody in between could read along",
                 "Install the server's CA certificate on this machine and leave trustServerCertificate off.");
    } else {
      list_.pass("target.tls", "encrypted, and the server's certificate was checked");
    }
  }

  const TargetEndpoint& endpoint_;
  const ReportOptions& options_;
  CheckList list_;
  ConnectionTrial trial_;
  ConnectionReport report_;
};

}  // namespace

ConnectionReport report_target(const TargetEndpoint& endpoint, const ReportOptions& options) {
  return TargetReport(endpoint, options).run();
}

}  // namespace millrace::preflight
