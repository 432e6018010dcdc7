#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

#include "manager/registry.hpp"
#include "manager/workspace.hpp"
#include "server/pipeline_place.hpp"

namespace millrace::server {

/// The stored pipelines of all tenants, each opened once a revision: what watches over many of them look at. One whose
/// settings cannot be read is left out until they change. Thread-safe.
class PipelineBook {
 public:
  using Pages = std::map<PipelinePlace, std::shared_ptr<const manager::StoredPipeline>>;

  /// `workspace`: whose tenant does not matter.
  explicit PipelineBook(manager::Workspace workspace) : workspace_(std::move(workspace)) {}

  /// As they are stored now. Throws Error as the store does.
  Pages read();

 private:
  struct Page {
    std::int64_t revision = 0;
    std::shared_ptr<const manager::StoredPipeline> pipeline;  ///< none: it cannot be read
  };
  manager::Workspace workspace_;
  std::mutex mutex_;
  std::map<PipelinePlace, Page> pages_;
};

}  // namespace millrace::server
