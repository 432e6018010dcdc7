#include "preflight/source_checks.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "preflight/failover_checks.hpp"
#include "preflight/table_checks.hpp"

namespace millrace::preflight {
namespace {

constexpr int kOldest = 120000;
constexpr std::int64_t kLongTransaction = 300;
constexpr std::int64_t kLittleWal = std::int64_t{1} << 30;
constexpr std::int64_t kDefaultDecodingMemory = std::int64_t{64} << 20;

std::string wal_level_fix(const std::string& cloud) {
  if (cloud == "rds") return "Set rds.logical_replication = 1 in the parameter group and reboot.";
  if (cloud == "cloudsql") return "Set the flag cloudsql.logical_decoding = on; the instance restarts.";
  if (cloud == "azure") return "Set wal_level = logical in the server parameters and restart.";
  return "ALTER SYSTEM SET wal_level = 'logical';\nthen restart PostgreSQL";
}

class SourceChecks {
 public:
  explicit SourceChecks(const SourceCheckInput& input) : input_(input), server_(input.server) {}

  Findings run() {
    check_server();
    check_rights();
    check_slot();
    for (auto& finding : check_failover(input_)) findings_.push_back(std::move(finding));
    check_publication();
    for (auto& finding : check_source_tables(input_)) findings_.push_back(std::move(finding));
    return std::move(findings_);
  }

 private:
  void add(std::string id, Severity severity, std::string object, std::string found, std::string fix = {}) {
    findings_.push_back({std::move(id), severity, std::move(object), std::move(found), std::move(fix)});
  }

  void check_server() {
    if (server_.version_num < kOldest) {
      add("source.version", Severity::kError, "", "PostgreSQL " + server_.version + " is older than 12",
          "Upgrade to a PostgreSQL that is still maintained.");
    } else {
      add("source.version", Severity::kOk, "", "PostgreSQL " + server_.version);
    }
    if (server_.wal_level != "logical") {
      add("source.wal_level", Severity::kError, "", "wal_level is " + server_.wal_level + ": changes cannot be decoded",
          wal_level_fix(server_.cloud));
    } else {
      add("source.wal_level", Severity::kOk, "", "wal_level is logical");
    }
    if (server_.in_recovery) {
      add("source.in_recovery", Severity::kError, "", "the server is a standby: publications cannot be created on it",
          "Name the primary as source.");
    }
    if (server_.encoding == "SQL_ASCII") {
      add("source.encoding", Severity::kWarning, "",
          "the database's encoding is SQL_ASCII: bytes that are no UTF-8 will stop the pipeline",
          "Use a database in UTF8.");
    }
    check_limits();
  }

  void check_limits() {
    const int slots = (find_slot() == nullptr ? 1 : 0) + input_.temporary_slots;
    if (slots > 0 && server_.used_replication_slots + slots > server_.max_replication_slots) {
      add("source.replication_slots", Severity::kError, "",
          server_.used_replication_slots >= server_.max_replication_slots
              ? fmt::format("all {} replication slots are taken", server_.max_replication_slots)
              : fmt::format("{} of {} replication slots are taken: the pipeline needs {} (one of them for its load)",
                            server_.used_replication_slots, server_.max_replication_slots, slots),
          fmt::format(
              "ALTER SYSTEM SET max_replication_slots = {};\nthen restart PostgreSQL, or drop a slot that nobody reads",
              server_.max_replication_slots + 5));
    } else {
      add("source.replication_slots", Severity::kOk, "",
          fmt::format("{} of {} replication slots are taken", server_.used_replication_slots,
                      server_.max_replication_slots));
    }
    const int senders = 1 + input_.temporary_slots;
    if (server_.used_wal_senders + senders > server_.max_wal_senders) {
      add("source.wal_senders", Severity::kError, "",
          server_.used_wal_senders >= server_.max_wal_senders
              ? fmt::format("all {} WAL senders are taken", server_.max_wal_senders)
              : fmt::format("{} of {} WAL senders are taken: the pipeline needs {} (one of them for its load)",
                            server_.used_wal_senders, server_.max_wal_senders, senders),
          fmt::format("ALTER SYSTEM SET max_wal_senders = {};\nthen restart PostgreSQL", server_.max_wal_senders + 5));
    } else {
      add("source.wal_senders", Severity::kOk, "",
          fmt::format("{} of {} WAL senders are taken", server_.used_wal_senders, server_.max_wal_senders));
    }
    check_wal_budget();
    check_timeouts();
    if (server_.logical_decoding_work_mem_bytes < kDefaultDecodingMemory) {
      add("source.logical_decoding_work_mem", Severity::kInfo, "",
          fmt::format("logical_decoding_work_mem is {} kB: large transactions go through the source's disk",
                      server_.logical_decoding_work_mem_bytes / 1024),
          "ALTER SYSTEM SET logical_decoding_work_mem = '64MB';\nSELECT pg_reload_conf();");
    }
    if (server_.oldest_transaction_s > kLongTransaction || server_.prepared_transactions > 0) {
      add("source.open_transactions", Severity::kWarning, "",
          fmt::format("a transaction is open for {} s, {} are prepared: creating the slot waits for them",
                      server_.oldest_transaction_s, server_.prepared_transactions),
          "End long transactions (pg_stat_activity) and prepared ones (pg_prepared_xacts).");
    }
  }

  void check_wal_budget() {
    const auto budget = server_.max_slot_wal_keep_bytes;
    if (budget >= kLittleWal) return;
    add("source.max_slot_wal_keep_size", Severity::kWarning, "",
        budget < 0
            ? "max_slot_wal_keep_size is unlimited: a pipeline that stands still can fill the source's disk"
            : fmt::format("max_slot_wal_keep_size is {} MB: a long load or a short stop loses the slot", budget >> 20),
        "ALTER SYSTEM SET max_slot_wal_keep_size = '50GB';\nSELECT pg_reload_conf();");
  }

  void check_timeouts() {
    if (server_.idle_slot_timeout_s > 0) {
      add("source.idle_replication_slot_timeout", Severity::kWarning, "",
          fmt::format("a slot that is idle for {} s is invalidated: a longer pause loses changes",
                      server_.idle_slot_timeout_s),
          "ALTER SYSTEM SET idle_replication_slot_timeout = 0;\nSELECT pg_reload_conf();");
    }
    const std::string sender_fix = "ALTER SYSTEM SET wal_sender_timeout = '60s';\nSELECT pg_reload_conf();";
    if (server_.wal_sender_timeout_ms == 0) {
      add("source.wal_sender_timeout", Severity::kInfo, "",
          "wal_sender_timeout is off: after a broken connection the slot stays taken until the network reports it",
          sender_fix);
    } else if (server_.wal_sender_timeout_ms < 10000) {
      add("source.wal_sender_timeout", Severity::kWarning, "",
          fmt::format("wal_sender_timeout is {} ms: short stalls break the connection", server_.wal_sender_timeout_ms),
          sender_fix);
    }
    for (const auto& [setting, milliseconds] : server_.session_timeouts_ms) {
      add("source.session_timeout", Severity::kWarning, setting,
          fmt::format("{} is {} ms for the user: it can end the load of a large table", setting, milliseconds),
          fmt::format("ALTER ROLE {} IN DATABASE {} SET {} = 0;", schema::quote_pg(server_.current_user),
                      schema::quote_pg(input_.database), setting));
    }
  }

  void check_rights() {
    const auto user = schema::quote_pg(server_.current_user);
    if (!server_.user_replication) {
      add("source.replication_right", Severity::kError, server_.current_user, "the user lacks REPLICATION",
          server_.cloud == "rds" ? "GRANT rds_replication TO " + user + ";"
                                 : "ALTER ROLE " + user + " WITH REPLICATION;");
    } else {
      add("source.replication_right", Severity::kOk, server_.current_user, "the user has REPLICATION");
    }
    if (server_.user_superuser) {
      add("source.superuser", Severity::kInfo, server_.current_user, "the user is a superuser: more than is needed",
          "Use the user of the GRANT script.");
    }
  }

  const postgres::SlotFacts* find_slot() const {
    for (const auto& slot : server_.slots) {
      if (slot.name == input_.slot) return &slot;
    }
    return nullptr;
  }

  void check_slot() {
    if (input_.slot.empty()) return;
    const auto* slot = find_slot();
    if (slot == nullptr) return add("source.slot", Severity::kOk, input_.slot, "the slot's name is free");
    const auto refuse = [&](const std::string& why) {
      add("source.slot", Severity::kError, input_.slot, why,
          "Choose another name with --slot, or: SELECT pg_drop_replication_slot(" +
              schema::quote_pg_literal(input_.slot) + ");");
    };
    if (slot->type != "logical" || slot->plugin != "pgoutput") {
      refuse("a slot of this name exists and is not a logical pgoutput slot");
    } else if (slot->database != input_.database) {
      refuse("a slot of this name exists in database " + slot->database);
    } else if (slot->active) {
      refuse("a slot of this name is being read" +
             (slot->active_application.empty() ? "" : " by " + slot->active_application));
    } else if (slot->wal_status == "lost" || !slot->invalidation_reason.empty()) {
      refuse("a slot of this name exists and was invalidated");
    } else if (slot->temporary || slot->two_phase) {
      refuse("a slot of this name exists and is temporary or two-phase");
    } else {
      add("source.slot", Severity::kInfo, input_.slot, "the slot exists and fits: it is used as it is");
    }
  }

  const postgres::PublicationFacts* find_publication() const {
    for (const auto& known : server_.publications) {
      if (known.name == input_.publication.name) return &known;
    }
    return nullptr;
  }

  void check_publication() {
    const auto& wanted = input_.publication;
    const auto* known = find_publication();
    if (known != nullptr) return check_existing_publication(*known);
    if (input_.publication_must_exist) {
      return add("source.publication", Severity::kError, wanted.name, "the publication does not exist",
                 postgres::create_publication_sql(wanted) + ";");
    }
    if (wanted.all_tables && !server_.user_superuser) {
      add("source.publication_right", Severity::kError, wanted.name,
          "only a superuser may create a publication FOR ALL TABLES",
          "Let a superuser run: " + postgres::create_publication_sql(wanted) + ";");
    } else if (!server_.user_create_in_database && !server_.user_superuser) {
      add("source.publication_right", Severity::kError, wanted.name,
          "the user may not create publications in this database",
          fmt::format("GRANT CREATE ON DATABASE {} TO {};", schema::quote_pg(input_.database),
                      schema::quote_pg(server_.current_user)) +
              (wanted.name.empty() ? "" : "\nor let an owner run: " + postgres::create_publication_sql(wanted) + ";"));
    } else if (!wanted.name.empty()) {
      add("source.publication", Severity::kOk, wanted.name, "the publication's name is free");
    }
    if (wanted.all_tables) {
      add("source.publication_all_tables", Severity::kWarning, wanted.name,
          "once all tables are published, PostgreSQL refuses UPDATE and DELETE on every table without a key, "
          "replicated or not",
          "Name the tables instead, or give each keyless table REPLICA IDENTITY FULL.");
    }
  }

  void check_existing_publication(const postgres::PublicationFacts& known) {
    const auto name = schema::quote_pg(known.name);
    const auto refuse = [&](const std::string& why, const std::string& fix) {
      add("source.publication", Severity::kError, known.name, why, fix);
    };
    bool fits = true;
    const bool truncates = input_.publication.truncates;
    if (!known.inserts || !known.updates || !known.deletes || (truncates && !known.truncates)) {
      fits = false;
      refuse("the publication exists and leaves out changes that the pipeline carries",
             "ALTER PUBLICATION " + name + " SET (publish = 'insert, update, delete" +
                 (truncates || known.truncates ? ", truncate" : "") + "');");
    }
    if (input_.publication.via_root && !known.via_root) {
      fits = false;
      refuse("the publication exists and publishes partitions under their own names",
             "ALTER PUBLICATION " + name + " SET (publish_via_partition_root = true);");
    }
    for (const auto& table : input_.publication.tables) {
      if (!known.all_tables && std::find(known.tables.begin(), known.tables.end(), table) == known.tables.end()) {
        fits = false;
        refuse("the publication exists without the table " + table.to_string(),
               "ALTER PUBLICATION " + name + " ADD TABLE " + schema::quote_pg(table) + ";");
      }
      if (std::find(known.filtered_tables.begin(), known.filtered_tables.end(), table) != known.filtered_tables.end()) {
        add("source.publication_filter", Severity::kWarning, table.to_string(),
            "the publication has a row filter or a column list for this table: the copy will be a part only",
            "Add the table to the publication without them for a full copy.");
      }
    }
    if (!fits) return;
    add("source.publication", Severity::kInfo, known.name, "the publication exists and fits: it is used as it is");
  }

  const SourceCheckInput& input_;
  const postgres::ServerFacts& server_;
  Findings findings_;
};

}  // namespace

Findings check_source(const SourceCheckInput& input) {
  return SourceChecks(input).run();
}

}  // namespace millrace::preflight
