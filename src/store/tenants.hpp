#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "store/page.hpp"
#include "store/sql.hpp"

namespace millrace::store {

/// The tenant of the stand-alone command line and of stores from before tenants. Every store has it.
inline constexpr const char* kDefaultTenant = "default";

/// A workspace: every object but users belongs to exactly one.
struct TenantRecord {
  std::string id;    ///< security::new_id(), or kDefaultTenant; never changes
  std::string name;  ///< unique, for people
  std::int64_t created_ms = 0;
  std::int64_t revision = 1;
};

class Tenants {
 public:
  explicit Tenants(Session& session) : session_(session) {}

  /// Throws Error kObjectExists when the name is taken.
  void insert(const TenantRecord& tenant);
  /// With `revision`: only when it still has that one. Throws Error kObjectNotFound, kObjectChanged, kObjectExists.
  void rename(const std::string& id, const std::string& name, std::optional<std::int64_t> revision = {});
  /// Removes it with its memberships, keys, connections, events, operations and samples. Throws Error kObjectInUse
  /// while it has pipelines, kUsage for the default tenant, kObjectNotFound.
  void remove(const std::string& id);
  std::int64_t count_pipelines(const std::string& id);
  std::optional<TenantRecord> find(const std::string& id);
  std::optional<TenantRecord> find_by_name(const std::string& name);
  /// By name.
  PageOf<TenantRecord> list(const PageRequest& request);

 private:
  Session& session_;
};

}  // namespace millrace::store
