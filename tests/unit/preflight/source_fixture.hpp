#pragma once

#include <string>

#include "preflight/source_checks.hpp"

namespace millrace::preflight {

/// A source on which nothing is to be found: one table with a primary key, a plain user with the rights it needs.
inline SourceCheckInput good_source() {
  SourceCheckInput input{.slot = "p_slot", .database = "shop"};
  input.server = {.version_num = 150004,
                  .version = "15.4",
                  .wal_level = "logical",
                  .encoding = "UTF8",
                  .max_replication_slots = 10,
                  .used_replication_slots = 1,
                  .max_wal_senders = 10,
                  .wal_sender_timeout_ms = 60'000,
                  .max_slot_wal_keep_bytes = std::int64_t{50} << 30,
                  .logical_decoding_work_mem_bytes = std::int64_t{64} << 20,
                  .user_replication = true,
                  .user_create_in_database = true,
                  .current_user = "repl"};
  schema::TablePlan plan;
  plan.source.name = {"public", "orders"};
  plan.source.owner = "shopkeeper";
  plan.source.primary_key = {"id"};
  plan.key_kind = schema::KeyKind::kPrimaryKey;
  plan.key = {"id"};
  input.plans = {plan};
  input.rights = {{.table = {"public", "orders"}, .select = true, .owner = true}};
  input.publication = {.name = "p_pub", .tables = {{"public", "orders"}}};
  return input;
}

/// A slot that the pipeline of good_source could take over.
inline postgres::SlotFacts fitting_slot() {
  return {.name = "p_slot", .plugin = "pgoutput", .type = "logical", .database = "shop", .wal_status = "reserved"};
}

/// A publication that the pipeline of good_source could take over.
inline postgres::PublicationFacts fitting_publication() {
  return {.name = "p_pub", .owner = "shopkeeper", .tables = {{"public", "orders"}}};
}

/// The first finding of that id that is more than `kOk`, or nullptr.
inline const Finding* trouble(const Findings& findings, const std::string& id) {
  for (const auto& finding : findings) {
    if (finding.id == id && finding.severity != Severity::kOk) return &finding;
  }
  return nullptr;
}

/// The severity under which a finding of that id was reported; kOk when only good news or none.
inline Severity severity_of(const Findings& findings, const std::string& id) {
  const auto* finding = trouble(findings, id);
  return finding == nullptr ? Severity::kOk : finding->severity;
}

inline std::string fix_of(const Findings& findings, const std::string& id) {
  const auto* finding = trouble(findings, id);
  return finding == nullptr ? "(no such finding)" : finding->fix;
}

}  // namespace millrace::preflight
