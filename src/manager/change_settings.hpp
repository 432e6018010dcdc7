#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <stop_token>
#include <string>

#include "manager/cdc_manager.hpp"
#include "manager/registry.hpp"

namespace millrace::manager {

/// A spec after a merge patch (RFC 7386) of what may change while a pipeline lives, in the form of
/// pipeline/spec_json.hpp:
///   source: host, port, user, password, sslmode, sslrootcert
///   target: host, port, user, password, encrypt, trust_server_certificate
///   mapping: value_policy, tables
///     of a table: exclude_columns, column_names, column_types, column_policies; null takes its options away
///   embedded: load_policy, schema_policy, poison, load_workers
/// Throws Error kUsage for any other member, naming it. A password goes nowhere but where it was given for: a change of
/// host, port or encryption without the password is kSecretMissing. Pure.
pipeline::PipelineSpec patched_spec(const pipeline::PipelineSpec& before, const nlohmann::json& patch);

/// A file that the change names must be one of the folder (pipeline/named_files.hpp).
void confine_change(const pipeline::PipelineSpec& before, pipeline::PipelineSpec& after,
                    const std::filesystem::path& folder);

/// Stores the changed spec when the pipeline still has this revision, else throws Error kObjectChanged. Where a server
/// or a user changes, it is tried first: the source must have the pipeline's slot, the target its checkpoint. What
/// Kafka Connect carries is deployed again; what is paused stays so.
void change_settings(Registry& registry, pipeline::Engine& engine, const StoredPipeline& stored,
                     const pipeline::PipelineSpec& spec, std::int64_t revision, const std::stop_token& stop);

}  // namespace millrace::manager
