#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "manager/cdc_manager.hpp"

namespace millrace::manager {

/// Two sets of credentials and a table list: all that a pipeline needs. Use designated initializers.
struct PipelineCredentials {
  std::string source_host;
  std::uint16_t source_port = 5432;
  std::string source_database;
  std::string source_schema = "public";
  std::string source_user;
  Secret source_password;
  std::vector<std::string> source_tables;  ///< names, schema.name, globs

  std::string target_host;
  std::uint16_t target_port = 1433;
  std::string target_database;
  std::string target_schema = "dbo";
  std::string target_user;
  Secret target_password;

  /// Everything else; its endpoints and tables are replaced by the fields above, except for their TLS settings.
  pipeline::PipelineSpec options;
};

/// Creates the whole pipeline and returns when changes flow. Pipelines are kept in `data_dir`. Throws Error as
/// CdcManager::create_pipeline does, and kUsage naming an empty required field.
CreateResult create_pipeline_from_credentials(const PipelineCredentials& credentials,
                                              const std::filesystem::path& data_dir,
                                              const pipeline::Progress& progress = {},
                                              const std::stop_token& stop = {});

}  // namespace millrace::manager
