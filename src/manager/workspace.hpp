#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "security/secret_box.hpp"
#include "store/database.hpp"
#include "store/tenants.hpp"
#include "support/host_guard.hpp"

namespace millrace::manager {

/// Where the pipelines of a tenant are kept: shared by everything that works on them. Thread-safe.
struct Workspace {
  std::shared_ptr<store::Database> database;
  std::shared_ptr<security::SecretBox> box;
  std::string tenant = store::kDefaultTenant;
  /// Judges the hosts that users name; empty: they may be anything.
  HostGuard guard = {};
  /// The folder of the files that users may name (pipeline/named_files.hpp); none: any file of the machine, for users
  /// who own it.
  std::optional<std::filesystem::path> certificates = {};

  /// The same for another tenant.
  Workspace of(const std::string& other) const {
    auto workspace = *this;
    workspace.tenant = other;
    return workspace;
  }
};

/// The name of the store's and of the key ring's file in a data directory.
inline constexpr const char* kStoreFile = "millrace.db";
inline constexpr const char* kKeyFile = "secret.key";

/// Opens, or makes, the store and the key in `data_dir`. `location`: another store than the directory's own
/// (store::Database::open); empty: its own. Throws Error kStore, kStoreVersion, kStoreUnavailable, kKeyRing.
Workspace open_workspace(const std::filesystem::path& data_dir, const std::string& location = {});

}  // namespace millrace::manager
