#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "store/page.hpp"
#include "store/sql.hpp"

namespace millrace::store {

/// A saved connection. Its password is in store::Secrets under "connection/<id>".
struct ConnectionRecord {
  std::string id;              ///< security::new_id()
  std::string tenant;          ///< id
  std::string name;            ///< unique in the tenant
  std::string kind;            ///< "source" | "target"
  std::string settings;        ///< JSON without secrets
  std::string last_test = {};  ///< JSON of the last test's outcome, or empty
  std::int64_t created_ms = 0;
  std::int64_t updated_ms = 0;
  std::int64_t revision = 1;
};

class Connections {
 public:
  explicit Connections(Session& session) : session_(session) {}

  /// Throws Error kObjectExists when the name is taken in the tenant.
  void insert(const ConnectionRecord& connection);
  /// Writes name, settings and updated_ms, and raises the revision. With `revision`: only when it still has that one.
  /// Throws Error kObjectNotFound, kObjectChanged, kObjectExists.
  void update(const ConnectionRecord& connection, std::optional<std::int64_t> revision = {});
  /// No change to be seen: the revision stays.
  void note_test(const std::string& tenant, const std::string& id, const std::string& last_test);
  /// With its secrets. Throws Error kObjectNotFound, kObjectChanged, and kObjectInUse with the names of the pipelines
  /// that come from it as notes.
  void remove(const std::string& tenant, const std::string& id, std::optional<std::int64_t> revision = {});
  std::optional<ConnectionRecord> find(const std::string& tenant, const std::string& id);
  std::optional<ConnectionRecord> find_by_name(const std::string& tenant, const std::string& name);
  /// Names of the pipelines that come from it, in order.
  std::vector<std::string> used_by(const std::string& tenant, const std::string& id);
  /// The same for all of the tenant that are in use: id -> names.
  std::map<std::string, std::vector<std::string>> used_by(const std::string& tenant);
  /// Ids of the tenants that have a pipeline which comes from a connection.
  std::vector<std::string> tenants_in_use();
  /// id -> name, of all of the tenant.
  std::map<std::string, std::string> names(const std::string& tenant);
  /// By name; `kind` narrows.
  PageOf<ConnectionRecord> list(const std::string& tenant, const PageRequest& request, const std::string& kind = {});

 private:
  Session& session_;
};

}  // namespace millrace::store
