#include "manager/workspace.hpp"

#include <system_error>

#include "support/error.hpp"

namespace millrace::manager {
namespace {

std::filesystem::path prepared(const std::filesystem::path& data_dir) {
  std::error_code failure;
  const bool made = std::filesystem::create_directories(data_dir, failure);
  if (failure) {
    throw Error(ErrorCode::kStore, "The data directory " + data_dir.string() + " cannot be made.",
                {.field = "data-dir"})
        .because(failure.message());
  }
  // Only a directory of our own making is closed to others: one that the user made has the rights they chose.
  if (made) std::filesystem::permissions(data_dir, std::filesystem::perms::owner_all, failure);
  return data_dir;
}

}  // namespace

Workspace open_workspace(const std::filesystem::path& data_dir, const std::string& location) {
  const auto directory = prepared(data_dir);
  Workspace workspace;
  workspace.database =
      location.empty() ? std::make_shared<store::Database>(directory / kStoreFile) : store::Database::open(location);
  workspace.box = std::make_shared<security::SecretBox>(directory / kKeyFile);
  return workspace;
}

}  // namespace millrace::manager
