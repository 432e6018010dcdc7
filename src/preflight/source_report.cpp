#include <chrono>
#include <optional>

#include "postgres/catalog.hpp"
#include "postgres/tls.hpp"
#include "preflight/check_list.hpp"
#include "preflight/connection_report.hpp"
#include "preflight/grant_script.hpp"
#include "preflight/source_checks.hpp"
#include "preflight/target_checks.hpp"
#include "schema/table_selection.hpp"

namespace millrace::preflight {
namespace {

/// A person waits for it.
constexpr std::chrono::seconds kPatience{10};

std::vector<CheckList::Expected> expected() {
  return {{"source.reachable", "Network"},
          {"source.tls", "Encryption"},
          {"source.sign_in", "Sign-in"},
          {"source.database", "Database"},
          {"source.version", "PostgreSQL version"},
          {"source.wal_level", "Logical decoding"},
          {"source.replication_slots", "Free replication slots"},
          {"source.wal_senders", "Free WAL senders"},
          {"source.replication_right", "Right to replicate"},
          {"source.publication_right", "Right to publish"}};
}

std::string place(const SourceEndpoint& endpoint) {
  return endpoint.host + ":" + std::to_string(endpoint.port);
}

/// libpq has no code for it: all faults of TLS are those of a connection that could not be made.
bool about_tls(const Error& error) {
  const auto& words = error.cause();
  return words.find("SSL") != std::string::npos || words.find("certificate") != std::string::npos ||
         words.find("TLS") != std::string::npos;
}

class SourceReport {
 public:
  SourceReport(const SourceEndpoint& endpoint, const ReportOptions& options)
      : endpoint_(endpoint), options_(options), list_(expected(), options.foreign_words) {}

  ConnectionReport run() {
    bool looked = false;
    if (auto connection = connect()) looked = look(*connection);
    report_.checks = list_.finish(looked);
    report_.grant_script = grant_script({.user = endpoint_.user,
                                         .database = endpoint_.database,
                                         .publication = {.tables = tables_},
                                         .cloud = cloud_,
                                         .schema = endpoint_.schema});
    return std::move(report_);
  }

 private:
  std::optional<postgres::Connection> connect() {
    try {
      if (options_.guard) options_.guard(endpoint_.host, endpoint_.port);
      std::optional<postgres::Connection> connection(std::in_place, endpoint_, kPatience);
      passed_until_database();
      list_.pass("source.database", "opened " + endpoint_.database);
      return connection;
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
        list_.fail("source.reachable", error.message(), error.suggestion());
        return true;
      case ErrorCode::kSourceUnreachable:
        if (about_tls(error)) {
          list_.pass("source.reachable", place(endpoint_) + " answers");
          list_.fail("source.tls", "no encrypted connection could be made with sslmode " + endpoint_.sslmode, error);
        } else {
          list_.fail("source.reachable", "no connection to " + place(endpoint_) + " could be made", error);
        }
        return true;
      case ErrorCode::kSourceAuth:
        list_.pass("source.reachable", place(endpoint_) + " answers");
        list_.fail("source.sign_in", "PostgreSQL does not let " + endpoint_.user + " in", error);
        return true;
      case ErrorCode::kSourceDatabaseNotFound:
        passed_until_database();
        list_.fail("source.database", "there is no database " + endpoint_.database, error);
        return true;
      case ErrorCode::kSourcePermission:
        passed_until_database();
        list_.fail("source.database", endpoint_.user + " may not connect to " + endpoint_.database,
                   "GRANT CONNECT ON DATABASE " + schema::quote_pg(endpoint_.database) + " TO " +
                       schema::quote_pg(endpoint_.user) + ";");
        return true;
      default:
        return false;
    }
  }

  void passed_until_database() {
    list_.pass("source.reachable", place(endpoint_) + " answers");
    list_.pass("source.sign_in", "signed in as " + endpoint_.user);
  }

  /// Whether everything was looked at.
  bool look(postgres::Connection& connection) {
    try {
      judge_tls(connection);
      const auto facts = postgres::read_server_facts(connection);
      report_.product = "PostgreSQL";
      report_.version = facts.version.substr(0, facts.version.find(' '));
      cloud_ = facts.cloud;
      SourceCheckInput input{.server = facts, .database = endpoint_.database, .temporary_slots = 1};
      if (!options_.tables.empty()) add_tables(connection, input);
      list_.take(check_source(input));
      list_.take(mapping_findings(input.plans));
      return true;
    } catch (const Error& error) {
      list_.fail("source.catalog", "the server's catalog could not be read", error);
      return false;
    }
  }

  void judge_tls(const postgres::Connection& connection) {
    const auto version = postgres::tls_version(connection);
    if (version.empty()) {
      list_.warn("source.tls", "the connection is not encrypted: rows and changes travel in the clear",
                 "Turn on ssl in PostgreSQL and choose sslmode require, or better verify-full.");
    } else if (endpoint_.sslmode == "verify-ca" || endpoint_.sslmode == "verify-full") {
      list_.pass("source.tls", "encrypted (" + version + "), and the server's certificate was checked");
    } else {
      list_.pass("source.tls", "encrypted (" + version + "); sslmode verify-full would check the server's certificate");
    }
  }

  void add_tables(postgres::Connection& connection, SourceCheckInput& input) {
    try {
      tables_ = schema::select_tables(options_.tables, endpoint_.schema, postgres::list_tables(connection));
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kTableNotFound) throw;
      // Names of the user's own tables: nothing of these words is another's.
      list_.fail("source.tables", error.message(), error.suggestion());
      return;
    }
    input.rights = postgres::read_table_rights(connection, tables_);
    input.publication.tables = tables_;
    for (const auto& table : postgres::read_tables_there(connection, tables_)) {
      input.plans.push_back(schema::plan_table(table, {}));
    }
  }

  const SourceEndpoint& endpoint_;
  const ReportOptions& options_;
  CheckList list_;
  ConnectionReport report_;
  std::vector<schema::TableName> tables_;
  std::string cloud_;
};

}  // namespace

ConnectionReport report_source(const SourceEndpoint& endpoint, const ReportOptions& options) {
  return SourceReport(endpoint, options).run();
}

}  // namespace millrace::preflight
