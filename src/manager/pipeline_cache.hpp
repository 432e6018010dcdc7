#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "manager/registry.hpp"
#include "store/pipelines.hpp"

namespace millrace::manager {

/// Stored pipelines without their secrets, each parsed once for what its row says: for lists, which are asked for again
/// and again, and show also what changes without another revision. Holds at most `kMost` of them. Thread-safe.
class PipelineCache {
 public:
  static constexpr std::size_t kMost = 10'000;
  using Pipeline = std::shared_ptr<const StoredPipeline>;

  /// Of a row of this tenant; `parse` is called when the row is new or says something else than before.
  Pipeline get(const std::string& tenant, const store::PipelineRecord& record,
               const std::function<StoredPipeline(const store::PipelineRecord&)>& parse);

 private:
  struct Entry {
    std::string spec;
    std::string resources;
    Pipeline pipeline;
  };
  std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, Entry> entries_;  ///< by tenant and name
};

}  // namespace millrace::manager
