#pragma once

namespace millrace::replication {

/// What a schema change of one kind on the source does. kApply: the target follows. kIgnore: the target table stays as
/// it is, the pipeline goes on. kPause: the pipeline stops in front of it with kSchemaChanged.
enum class SchemaPolicy { kApply, kIgnore, kPause };

/// A policy for each kind of change. What can neither be applied nor ignored without loss pauses in any case.
struct SchemaPolicies {
  // One for all is what most users say.
  SchemaPolicies(SchemaPolicy all = SchemaPolicy::kApply)  // NOLINT(google-explicit-constructor)
      : add_column(all),
        drop_column(all),
        rename_column(all),
        change_type(all),
        nullability(all),
        change_key(all),
        drop_table(all) {}

  SchemaPolicy add_column;
  SchemaPolicy drop_column;  ///< kIgnore: the target's column stays and takes NULL from then on
  SchemaPolicy rename_column;
  SchemaPolicy change_type;
  SchemaPolicy nullability;  ///< DROP NOT NULL; the target takes more anyway than after SET NOT NULL
  SchemaPolicy change_key;
  SchemaPolicy drop_table;  ///< the copy stays in any case

  friend bool operator==(const SchemaPolicies&, const SchemaPolicies&) = default;
};

}  // namespace millrace::replication
