#include "preflight/target_checks.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "schema/drift.hpp"
#include "schema/target_ddl.hpp"

namespace millrace::preflight {
namespace {

constexpr int kOldestMajor = 14;  // SQL Server 2017
constexpr int kOldestCompatibility = 130;

class TargetChecks {
 public:
  explicit TargetChecks(const TargetCheckInput& input) : input_(input) {}

  Findings run() {
    check_server();
    check_rights();
    for (const auto& plan : input_.plans) {
      const auto found = input_.existing.find(plan.target.name);
      if (found != input_.existing.end()) check_existing(plan, found->second);
    }
    return std::move(findings_);
  }

 private:
  void add(std::string id, Severity severity, std::string object, std::string found, std::string fix = {}) {
    findings_.push_back({std::move(id), severity, std::move(object), std::move(found), std::move(fix)});
  }

  void check_server() {
    const auto& server = input_.server;
    const bool azure = server.engine_edition == 5 || server.engine_edition == 8;
    if (!azure && server.major_version < kOldestMajor) {
      add("target.version", Severity::kError, "", "SQL Server " + server.product_version + " is older than 2017",
          "Upgrade to SQL Server 2017 or later.");
    } else {
      add("target.version", Severity::kOk, "", "SQL Server " + server.product_version);
    }
    if (server.compatibility_level > 0 && server.compatibility_level < kOldestCompatibility) {
      add("target.compatibility_level", Severity::kWarning, server.database,
          fmt::format("compatibility level {}: date and time conversions follow older rules",
                      server.compatibility_level),
          fmt::format("ALTER DATABASE {} SET COMPATIBILITY_LEVEL = 140;", schema::quote_mssql(server.database)));
    }
    if (server.read_only) {
      add("target.read_only", Severity::kError, server.database, "the database is read-only",
          fmt::format("ALTER DATABASE {} SET READ_WRITE; or name the primary replica as target.",
                      schema::quote_mssql(server.database)));
    }
    if (!server.connection_encrypted) {
      add("target.encryption", Severity::kWarning, "", "the connection is not encrypted: rows travel in the clear",
          "Use encrypt=yes in the target URL.");
    }
    if (!server.read_committed_snapshot && !azure) {
      add("target.read_committed_snapshot", Severity::kInfo, server.database,
          "readers and the apply may wait for each other",
          fmt::format("ALTER DATABASE {} SET READ_COMMITTED_SNAPSHOT ON WITH ROLLBACK IMMEDIATE;",
                      schema::quote_mssql(server.database)));
    }
  }

  bool tables_missing() const {
    if (input_.creates_tables) return true;
    for (const auto& plan : input_.plans) {
      if (!input_.existing.contains(plan.target.name)) return true;
    }
    return false;
  }

  void check_rights() {
    const auto& server = input_.server;
    const auto login = schema::quote_mssql(server.login);
    const auto schema_name = schema::quote_mssql(input_.schema);
    if (!server.schema_exists && !server.can_create_schema) {
      add("target.create_schema", Severity::kError, input_.schema,
          "the schema does not exist and the login may not create it",
          fmt::format("GRANT CREATE SCHEMA TO {};", login));
    }
    if (tables_missing() && !(server.can_create_table && (server.can_alter_schema || !server.schema_exists))) {
      add("target.create_table", Severity::kError, input_.schema, "the login may not create tables in this schema",
          fmt::format("GRANT CREATE TABLE TO {0};\nGRANT ALTER ON SCHEMA::{1} TO {0};", login, schema_name));
    }
    if (!input_.keeps_state) {
      add("target.state_schema", Severity::kError, "millrace",
          "the login may neither make the schema millrace, where Millrace keeps its state, nor use one that is there",
          fmt::format("GRANT CREATE SCHEMA, CREATE TABLE TO {};", login));
    }
    if (!server.can_write) {
      add("target.write", Severity::kError, input_.schema, "the login may not read and change rows in this schema",
          fmt::format("GRANT SELECT, INSERT, UPDATE, DELETE ON SCHEMA::{} TO {};", schema_name, login));
    } else {
      add("target.write", Severity::kOk, input_.schema, "the login may read and change rows");
    }
  }

  void check_existing(const schema::TablePlan& plan, const ExistingTarget& existing) {
    const auto name = plan.target.name.to_string();
    bool fits = true;
    for (const auto& drift : schema::compare_tables(plan.target, existing.table)) {
      fits = fits && !drift.fatal;
      add("target.table_drift", drift.fatal ? Severity::kError : Severity::kWarning,
          drift.column.empty() ? name : name + "." + drift.column, drift.message, drift.fix);
    }
    if (fits) add("target.table_exists", Severity::kOk, name, "the table exists and fits");
    check_obstacles(name, existing.obstacles);
  }

  void check_obstacles(const std::string& name, const sqlserver::TableObstacles& obstacles) {
    const auto list = [&](const char* id, const std::vector<std::string>& names, const char* what, const char* fix) {
      if (!names.empty()) {
        add(id, Severity::kWarning, name, fmt::format("{} {}", what, fmt::join(names, ", ")), fix);
      }
    };
    const bool in_order = input_.keeps_source_order;
    list("target.foreign_keys", obstacles.foreign_keys,
         in_order
             ? "the load does not check them, and a later row whose parent is not on the target stops the pipeline; "
               "changes are applied in the source's order, which is slower; foreign keys"
             : "tables are written independently of each other, so a row can come before the one it points at; "
               "foreign keys",
         in_order ? "Copy the tables they point at too, or disable them: ALTER TABLE .. NOCHECK CONSTRAINT ..;"
                  : "Drop or disable the foreign keys on the target: ALTER TABLE .. NOCHECK CONSTRAINT ..;");
    list("target.triggers", obstacles.triggers, "they fire for replicated rows too; triggers",
         "Disable the triggers: DISABLE TRIGGER ALL ON ..;");
    list("target.unique_indexes", obstacles.unique_indexes,
         in_order
             ? "a value that SQL Server takes for equal to another row's stops the pipeline; changes are applied in "
               "the source's order, which is slower; unique indexes"
             : "values that change places between rows break for a moment; unique indexes",
         "Make the indexes non-unique.");
    if (!obstacles.referencing_keys.empty()) {
      std::vector<std::string> keys;
      for (const auto& key : obstacles.referencing_keys) keys.push_back(key.table.to_string() + "." + key.name);
      list("target.foreign_keys", keys,
           in_order ? "other tables point here: a delete is refused while a row there that is not copied points at it; "
                      "foreign keys"
                    : "other tables point here, so a delete can be refused; foreign keys",
           "Drop or disable them.");
    }
    if (obstacles.rows > 0 && input_.loads) check_rows(name, obstacles.rows);
  }

  void check_rows(const std::string& name, std::int64_t rows) {
    const auto found = fmt::format("the table holds about {} rows already: ", rows);
    switch (input_.rows_on_target) {
      case RowsOnTarget::kMerged:
        return add("target.rows", Severity::kWarning, name, found + "rows of the same key are overwritten, others stay",
                   "Empty the table first, or use --snapshot no_data when it is loaded already.");
      case RowsOnTarget::kRefused:
        return add("target.rows", Severity::kError, name, found + "the load needs an empty one",
                   "Empty the table first, let the load do it with --load-policy truncate, or use --snapshot no_data "
                   "when it is loaded already.");
      case RowsOnTarget::kRemoved:
        return add("target.rows", Severity::kWarning, name, found + "the load removes them");
    }
  }

  const TargetCheckInput& input_;
  Findings findings_;
};

}  // namespace

Findings check_target(const TargetCheckInput& input) {
  return TargetChecks(input).run();
}

Findings mapping_findings(const std::vector<schema::TablePlan>& plans) {
  Findings findings;
  for (const auto& plan : plans) {
    const auto table = plan.source.name.to_string();
    for (const auto& issue : plan.issues) {
      findings.push_back({"table." + issue.id, issue.fatal ? Severity::kError : Severity::kWarning,
                          issue.column.empty() ? table : table + "." + issue.column, issue.message, issue.fix});
    }
  }
  return findings;
}

}  // namespace millrace::preflight
