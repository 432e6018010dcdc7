#include "manager/credentials.hpp"

#include <array>
#include <utility>

#include "support/error.hpp"

namespace millrace::manager {
namespace {

void require_fields(const PipelineCredentials& given) {
  const std::array required = {
      std::pair{"source_host", &given.source_host},         std::pair{"source_database", &given.source_database},
      std::pair{"source_user", &given.source_user},         std::pair{"target_host", &given.target_host},
      std::pair{"target_database", &given.target_database}, std::pair{"target_user", &given.target_user}};
  for (const auto& [field, value] : required) {
    if (value->empty()) throw Error(ErrorCode::kUsage, std::string(field) + " is empty.", {.field = field});
  }
  if (given.source_tables.empty()) {
    throw Error(ErrorCode::kUsage, "source_tables is empty: name at least one table.", {.field = "source_tables"});
  }
}

}  // namespace

CreateResult create_pipeline_from_credentials(const PipelineCredentials& credentials,
                                              const std::filesystem::path& data_dir, const pipeline::Progress& progress,
                                              const std::stop_token& stop) {
  require_fields(credentials);
  pipeline::PipelineSpec spec = credentials.options;
  spec.source.host = credentials.source_host;
  spec.source.port = credentials.source_port;
  spec.source.database = credentials.source_database;
  spec.source.schema = credentials.source_schema;
  spec.source.user = credentials.source_user;
  spec.source.password = credentials.source_password;
  spec.tables = credentials.source_tables;
  spec.target.host = credentials.target_host;
  spec.target.port = credentials.target_port;
  spec.target.database = credentials.target_database;
  spec.target.schema = credentials.target_schema;
  spec.target.user = credentials.target_user;
  spec.target.password = credentials.target_password;
  spec.mapping.target_schema = credentials.target_schema;
  return CdcManager(data_dir).create_pipeline(spec, progress, stop);
}

}  // namespace millrace::manager
