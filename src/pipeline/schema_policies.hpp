#pragma once

#include <array>
#include <string>
#include <utility>

namespace millrace::pipeline {

/// A schema change on the source while the pipeline runs. pause: the pipeline stops there with an error.
enum class SchemaPolicy { kApply, kIgnore, kPause };

/// One policy a kind of change; docs/reference/schema_changes.md says what each does.
struct SchemaPolicies {
  // One for all is what most users say.
  SchemaPolicies(SchemaPolicy all = SchemaPolicy::kApply)  // NOLINT(google-explicit-constructor)
      : add_column(all),
        drop_column(all),
        rename_column(all),
        change_type(all),
        nullability(all),
        change_key(all),
        drop_table(all),
        rename_table(all),
        new_table(all) {}

  SchemaPolicy add_column;
  SchemaPolicy drop_column;  ///< kIgnore: the target's column stays and takes NULL from then on
  SchemaPolicy rename_column;
  SchemaPolicy change_type;
  SchemaPolicy nullability;  ///< DROP NOT NULL; the target takes more anyway than after SET NOT NULL
  SchemaPolicy change_key;
  SchemaPolicy drop_table;    ///< the copy stays in any case
  SchemaPolicy rename_table;  ///< kIgnore: the target's keeps its name; rows flow on in both cases
  SchemaPolicy new_table;     ///< one that the pipeline's list of tables means and its publication covers

  friend bool operator==(const SchemaPolicies&, const SchemaPolicies&) = default;
};

/// The kinds' words with their members, in the order in which they are listed.
inline constexpr std::array<std::pair<const char*, SchemaPolicy SchemaPolicies::*>, 9> kSchemaKinds = {{
    {"add_column", &SchemaPolicies::add_column},
    {"drop_column", &SchemaPolicies::drop_column},
    {"rename_column", &SchemaPolicies::rename_column},
    {"change_type", &SchemaPolicies::change_type},
    {"nullability", &SchemaPolicies::nullability},
    {"change_key", &SchemaPolicies::change_key},
    {"drop_table", &SchemaPolicies::drop_table},
    {"rename_table", &SchemaPolicies::rename_table},
    {"new_table", &SchemaPolicies::new_table},
}};

/// "apply", or "apply,drop_column=pause": the most frequent word, then the kinds that have another.
std::string to_text(const SchemaPolicies& policies);
/// Takes a word for all kinds and kind=word pairs, separated by commas, in any order; without a word for all the others
/// are apply. Throws Error kUsage naming `field` and what it takes.
SchemaPolicies parse_schema_policies(const std::string& text, const std::string& field);
/// Sets one kind, or all with kind "all". Throws the same.
void set_schema_policy(SchemaPolicies& policies, const std::string& kind, const std::string& word,
                       const std::string& field);

}  // namespace millrace::pipeline
