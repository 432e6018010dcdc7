#include "preflight/table_checks.hpp"

#include <algorithm>

namespace millrace::preflight {
namespace {

using schema::ReplicaIdentity;

class TableChecks {
 public:
  TableChecks(const SourceCheckInput& input, const schema::TablePlan& plan)
      : input_(input),
        plan_(plan),
        table_(plan.source),
        name_(table_.name.to_string()),
        quoted_(schema::quote_pg(table_.name)) {}

  void run(Findings& findings) {
    findings_ = &findings;
    check_kind();
    check_rights();
    check_identity();
    check_partitions();
  }

 private:
  void add(std::string id, Severity severity, std::string found, std::string fix = {}) {
    findings_->push_back({std::move(id), severity, name_, std::move(found), std::move(fix)});
  }

  void check_kind() {
    if (table_.unlogged) {
      add("table.unlogged", Severity::kError, "the table is unlogged or temporary: its changes are not in the WAL",
          "ALTER TABLE " + quoted_ + " SET LOGGED;");
    }
    if (table_.partition) {
      add("table.partition", Severity::kWarning, "the table is a partition: only this part is copied",
          "Name the partitioned table instead.");
    }
    if (table_.row_security && !input_.server.user_superuser) {
      add("table.row_security", Severity::kWarning,
          "row level security is on: the load sees only what the policies show the user",
          "ALTER ROLE " + schema::quote_pg(input_.server.current_user) + " BYPASSRLS;");
    }
  }

  const postgres::TableRights* rights() const {
    for (const auto& rights : input_.rights) {
      if (rights.table == table_.name) return &rights;
    }
    return nullptr;
  }

  bool publication_exists() const {
    return std::any_of(input_.server.publications.begin(), input_.server.publications.end(),
                       [&](const auto& known) { return known.name == input_.publication.name; });
  }

  void check_rights() {
    const auto* found = rights();
    const auto user = schema::quote_pg(input_.server.current_user);
    if (found == nullptr || !found->select) {
      add("table.select_right", Severity::kError, "the user may not read the table",
          "GRANT USAGE ON SCHEMA " + schema::quote_pg(table_.name.schema) + " TO " + user + ";\nGRANT SELECT ON " +
              quoted_ + " TO " + user + ";");
    }
    const bool owner = (found != nullptr && found->owner) || input_.server.user_superuser;
    const bool publishes = !publication_exists() && !input_.publication.all_tables && !input_.publication_must_exist;
    if (!owner && publishes) {
      add("table.owner", Severity::kError, "only the table's owner (" + table_.owner + ") may add it to a publication",
          "GRANT " + schema::quote_pg(table_.owner) + " TO " + user + ";" +
              (input_.publication.name.empty()
                   ? ""
                   : "\nor let the owner run: " + postgres::create_publication_sql(input_.publication) + ";"));
    }
    if (!owner && input_.sets_identity_full && table_.replica_identity != ReplicaIdentity::kFull) {
      add("table.replica_identity_right", Severity::kError, "only the table's owner may set REPLICA IDENTITY FULL",
          postgres::replica_identity_sql(table_.name, ReplicaIdentity::kFull) + ";");
    }
  }

  void check_identity() {
    if (input_.sets_identity_full || table_.replica_identity == ReplicaIdentity::kFull) {
      return add("table.replica_identity", Severity::kOk, "replica identity is full");
    }
    if (table_.replica_identity == ReplicaIdentity::kNothing && input_.inserts_only) {
      return add("table.inserts_only", Severity::kWarning,
                 "its replica identity is NOTHING: only inserts are copied, and PostgreSQL refuses UPDATE and DELETE");
    }
    const bool keyed = table_.replica_identity == ReplicaIdentity::kDefault && !table_.primary_key.empty();
    if (keyed && plan_.key_kind == schema::KeyKind::kPrimaryKey) {
      return add("table.replica_identity", Severity::kOk, "the primary key identifies rows");
    }
    if (table_.replica_identity == ReplicaIdentity::kIndex && identity_covers_key()) {
      return add("table.replica_identity", Severity::kOk, "a unique index identifies rows");
    }
    add("table.replica_identity", Severity::kError,
        "its replica identity does not carry the key: once it is published, PostgreSQL refuses UPDATE and DELETE "
        "on it, or they arrive without their key",
        fix_identity());
  }

  /// What a partition's identity must be: PostgreSQL goes by the partition, and changing the root does not change it.
  ReplicaIdentity wanted_of_partitions() const {
    if (input_.sets_identity_full || table_.replica_identity == ReplicaIdentity::kFull) return ReplicaIdentity::kFull;
    return table_.primary_key.empty() ? ReplicaIdentity::kFull : ReplicaIdentity::kDefault;
  }

  bool serves(const schema::Partition& partition) const {
    if (partition.replica_identity == ReplicaIdentity::kFull) return true;
    if (wanted_of_partitions() == ReplicaIdentity::kDefault) {
      return partition.replica_identity == ReplicaIdentity::kDefault;
    }
    // An index of the root is inherited under another name in each partition, and may be its identity there.
    return table_.replica_identity == ReplicaIdentity::kIndex && !input_.sets_identity_full &&
           partition.replica_identity == ReplicaIdentity::kIndex;
  }

  void check_partitions() {
    std::string names;
    std::string fix;
    for (const auto& partition : table_.partitions) {
      if (serves(partition)) continue;
      names += (names.empty() ? "" : ", ") + partition.name.to_string();
      fix += (fix.empty() ? "" : "\n") + postgres::replica_identity_sql(partition.name, wanted_of_partitions()) + ";";
    }
    if (names.empty() || input_.sets_identity_full) return;
    add("table.partition_identity", Severity::kError,
        "the replica identity of these partitions does not identify rows: " + names +
            "; a partition does not follow its root",
        fix);
  }

  bool identity_covers_key() const {
    for (const auto& index : table_.unique_indexes) {
      if (index.name == table_.replica_identity_index) return index.columns == plan_.key;
    }
    return false;
  }

  std::string fix_identity() const {
    if (!table_.primary_key.empty() && plan_.key_kind == schema::KeyKind::kPrimaryKey) {
      return postgres::replica_identity_sql(table_.name, ReplicaIdentity::kDefault) + ";";
    }
    for (const auto& index : table_.unique_indexes) {
      if (index.usable_as_identity && index.columns == plan_.key) {
        return postgres::replica_identity_sql(table_.name, ReplicaIdentity::kIndex, index.name) + ";";
      }
    }
    return postgres::replica_identity_sql(table_.name, ReplicaIdentity::kFull) + ";";
  }

  const SourceCheckInput& input_;
  const schema::TablePlan& plan_;
  const schema::SourceTable& table_;
  std::string name_;
  std::string quoted_;
  Findings* findings_ = nullptr;
};

}  // namespace

Findings check_source_tables(const SourceCheckInput& input) {
  Findings findings;
  for (const auto& plan : input.plans) TableChecks(input, plan).run(findings);
  return findings;
}

}  // namespace millrace::preflight
