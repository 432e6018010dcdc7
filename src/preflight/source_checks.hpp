#pragma once

#include <string>
#include <vector>

#include "postgres/publication.hpp"
#include "postgres/server_facts.hpp"
#include "preflight/finding.hpp"
#include "schema/type_mapping.hpp"

namespace millrace::preflight {

struct SourceCheckInput {
  postgres::ServerFacts server;
  std::vector<postgres::TableRights> rights;
  std::vector<schema::TablePlan> plans;
  std::string slot;      ///< the name that the pipeline will use; empty: not chosen yet
  std::string database;  ///< the slot must belong to it
  /// What it will create, or what an existing one must offer. Without a name: not chosen yet.
  postgres::PublicationSpec publication;
  bool publication_must_exist = false;  ///< publication mode `disabled`
  bool slot_failover = false;           ///< the slot is to survive a failover to a standby
  int temporary_slots = 0;              ///< that a load takes beside the pipeline's own
  bool inserts_only = false;            ///< a table with REPLICA IDENTITY NOTHING is carried, without its key
  bool sets_identity_full = false;      ///< Millrace will set REPLICA IDENTITY FULL: it needs to own the tables
};

/// Judges the source. Pure. Ids begin with "source." or "table.".
Findings check_source(const SourceCheckInput& input);

}  // namespace millrace::preflight
