#include <chrono>
#include <optional>

#include "preflight/check_list.hpp"
#include "preflight/connection_report.hpp"
#include "preflight/grant_script.hpp"
#include "preflight/target_checks.hpp"
#include "sqlserver/server_facts.hpp"

namespace millrace::preflight {
namespace {

/// A person waits for it.
constexpr std::chrono::seconds kPatience{10};

std::vector<CheckList::Expected> expected() {
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

std::string place(const TargetEndpoint& endpoint) {
  return endpoint.host + ":" + std::to_string(endpoint.port);
}

/// The driver has no code for it: all faults of TLS are those of a connection that could not be made.
bool about_tls(const Error& error) {
  const auto words = error.message() + error.cause();
  return words.find("SSL") != std::string::npos || words.find("certificate") != std::string::npos ||
         words.find("TLS") != std::string::npos;
}

class TargetReport {
 public:
  TargetReport(const TargetEndpoint& endpoint, const ReportOptions& options)
      : endpoint_(endpoint), options_(options), list_(expected(), options.foreign_words) {}

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
      if (options_.guard) options_.guard(endpoint_.host, endpoint_.port);
      std::optional<sqlserver::Session> session(std::in_place, endpoint_, kPatience);
      passed_until_database();
      list_.pass("target.database", "opened " + endpoint_.database);
      return session;
    } catch (const Error& error) {
      if (!tell(error)) throw;
      return std::nullopt;
    }
  }

  /// False: an error that no check is about.
  bool tell(const Error& error) {
    switch (error.code()) {
      case ErrorCode::kAddressRefused:
      case ErrorCode::kHostUnknown:
        // Its words are ours.
        list_.fail("target.reachable", error.message(), error.suggestion());
        return true;
      case ErrorCode::kTargetUnreachable:
        if (about_tls(error)) {
          list_.pass("target.reachable", place(endpoint_) + " answers");
          list_.fail("target.tls", "no encrypted connection could be made with encrypt=" + endpoint_.encrypt, error);
        } else {
          list_.fail("target.reachable", "no connection to " + place(endpoint_) + " could be made", error);
        }
        return true;
      case ErrorCode::kTargetAuth:
        list_.pass("target.reachable", place(endpoint_) + " answers");
        list_.fail("target.sign_in", "SQL Server does not let " + endpoint_.user + " in", error);
        return true;
      case ErrorCode::kTargetDatabaseNotFound:
        passed_until_database();
        list_.fail("target.database", endpoint_.user + " cannot open the database " + endpoint_.database, error);
        return true;
      default:
        return false;
    }
  }

  void passed_until_database() {
    list_.pass("target.reachable", place(endpoint_) + " answers");
    list_.pass("target.sign_in", "signed in as " + endpoint_.user);
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
  ConnectionReport report_;
};

}  // namespace

ConnectionReport report_target(const TargetEndpoint& endpoint, const ReportOptions& options) {
  return TargetReport(endpoint, options).run();
}

}  // namespace millrace::preflight
