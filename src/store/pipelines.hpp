#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "store/database.hpp"
#include "store/page.hpp"
#include "store/tenants.hpp"

namespace millrace::store {

/// One stored pipeline. JSON members are texts here: their shape belongs to the manager.
struct PipelineRecord {
  std::string name;
  std::string state;                                    ///< creating | active | paused | failed | deleting
  std::string spec;                                     ///< JSON without secrets
  std::string resources;                                ///< JSON: what exists outside because of this pipeline
  std::map<std::string, std::string> sealed_secrets;    ///< field -> sealed text
  std::map<std::string, std::string> connections = {};  ///< "source" | "target" -> id of a saved one; for insert alone
  std::int64_t created_ms = 0;                          ///< Unix time
  std::int64_t updated_ms = 0;
  std::int64_t revision = 1;  ///< goes up with every change
};

/// Which pipelines a list is about.
struct PipelineFilter {
  std::string state = {};   ///< empty: every one
  std::string search = {};  ///< a part of the name, in any case
};

/// The pipelines of one tenant; names are unique within it. Each method is one transaction. Throws Error kStore.
/// Thread-safe as Database is.
class Pipelines {
 public:
  explicit Pipelines(Database& database, std::string tenant = kDefaultTenant)
      : database_(database), tenant_(std::move(tenant)) {}

  /// Throws Error kPipelineExists when the name is taken: this is how a name is reserved. kObjectNotFound: a saved
  /// connection is gone.
  void insert(const PipelineRecord& record);
  /// Replaces state and resources. Throws Error kPipelineNotFound.
  void update(const std::string& name, const std::string& state, const std::string& resources);
  /// What is stored of a pipeline's life.
  struct Life {
    std::string state;
    std::string resources;
  };
  /// Changes both as they are at that moment, in one transaction, so that what others store meanwhile stays. `noted`:
  /// the revision stays as it is: for what a run need not know yet. `change` must not use the store. Throws Error
  /// kPipelineNotFound, and what `change` throws, with nothing changed.
  void change(const std::string& name, const std::function<void(Life&)>& change, bool noted = false);
  /// Replaces the spec and its sealed secrets. `expected`: only when the pipeline still has this revision, else Error
  /// kObjectChanged; `resources`: these too, in the same transaction. Throws Error kPipelineNotFound.
  void update_spec(const std::string& name, const std::string& spec,
                   const std::map<std::string, std::string>& sealed_secrets,
                   std::optional<std::int64_t> expected = std::nullopt,
                   const std::optional<std::string>& resources = std::nullopt);
  void remove(const std::string& name);
  std::optional<PipelineRecord> find(const std::string& name);
  /// Cheap: for asking again and again whether anything changed.
  std::optional<std::int64_t> revision(const std::string& name);
  std::vector<PipelineRecord> list();
  /// In order, and nothing else of them.
  std::vector<std::string> names();
  /// By name, without their sealed secrets.
  PageOf<PipelineRecord> page(const PageRequest& request, const PipelineFilter& filter = {});

  /// Which tenants have which pipelines: for the supervisor, which serves them all.
  struct Place {
    std::string tenant;
    std::string name;
    std::string state;
    std::int64_t revision = 0;
  };
  static std::vector<Place> everywhere(Database& database);
  /// A text that is another one when an answer of everywhere() would be: for asking again and again.
  static std::string glance(Database& database);

 private:
  Database& database_;
  std::string tenant_;
};

}  // namespace millrace::store
