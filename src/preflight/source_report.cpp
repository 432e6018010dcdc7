#include <chrono>
#include <optional>

#include "postgres/catalog.hpp"
#include "postgres/tls.hpp"
#include "preflight/check_list.hpp"
#include "preflight/connection_report.hpp"
#include "preflight/connection_trial.hpp"
#include "preflight/grant_script.hpp"
#include "preflight/source_checks.hpp"
#include "preflight/target_checks.hpp"
#include "schema/table_selection.hpp"

namespace millrace::preflight {
namespace {

/// A person waits for it.
constexpr std::chrono::seconds kSourcePatience{10};

std::vector<CheckList::Expected> expected_of_source() {
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

TrialSide side_of(const SourceEndpoint& endpoint) {
  return {.side = "source",
          .product = "PostgreSQL",
          .place = endpoint.host + ":" + std::to_string(endpoint.port),
          .user = endpoint.user,
          .database = endpoint.database,
          .tls = "sslmode " + endpoint.sslmode,
          .no_database = "there is no database " + endpoint.database,
          .unreachable = ErrorCode::kSourceUnreachable,
          .auth = ErrorCode::kSourceAuth,
          .database_not_found = ErrorCode::kSourceDatabaseNotFound};
}

class SourceReport {
 public:
  SourceReport(const SourceEndpoint& endpoint, const ReportOptions& options)
      : endpoint_(endpoint),
        options_(options),
        list_(expected_of_source(), options.foreign_words),
        trial_(side_of(endpoint), list_) {}

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
      std::optional<postgres::Connection> connection(std::in_place, endpoint_, kSourcePatience);
      trial_.succeeded();
      return connection;
    } catch (const Error& error) {
      if (!tell(error)) throw;
      return std::nullopt;
    }
  }

  /// False: an error that no check is about.
  bool tell(const Error& error) {
    if (error.code() != ErrorCode::kSourcePermission) return trial_.failed(error);
    trial_.signed_in();
    list_.fail("source.database", endpoint_.user + " may not connect to " + endpoint_.database,
               "GRANT CONNECT ON DATABASE " + schema::quote_pg(endpoint_.database) + " TO " +
                   schema::quote_pg(endpoint_.user) + ";");
    return true;
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
  ConnectionTrial trial_;
  ConnectionReport report_;
  std::vector<schema::TableName> tables_;
  std::string cloud_;
};

}  // namespace

ConnectionReport report_source(const SourceEndpoint& endpoint, const ReportOptions& options) {
  return SourceReport(endpoint, options).run();
}

}  // namespace millrace::preflight
