#include "server/pipeline_book.hpp"

#include "store/pipelines.hpp"
#include "support/error.hpp"

namespace millrace::server {

PipelineBook::Pages PipelineBook::read() {
  const auto places = store::Pipelines::everywhere(*workspace_.database);
  const std::lock_guard lock(mutex_);
  std::map<PipelinePlace, Page> now;
  Pages pages;
  for (const auto& [tenant, name, state, revision] : places) {
    const PipelinePlace place{tenant, name};
    Page page{revision, nullptr};
    if (const auto known = pages_.find(place); known != pages_.end() && known->second.revision == revision) {
      page = known->second;
    } else {
      try {
        auto stored = manager::Registry(workspace_.of(tenant)).load(name);
        page = {stored.revision, std::make_shared<const manager::StoredPipeline>(std::move(stored))};
      } catch (const Error&) {
        // Gone, or its key is: whoever runs it tells.
      }
    }
    if (page.pipeline) pages[place] = page.pipeline;
    now[place] = std::move(page);
  }
  pages_ = std::move(now);
  return pages;
}

}  // namespace millrace::server
