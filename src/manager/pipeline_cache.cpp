#include "manager/pipeline_cache.hpp"

namespace millrace::manager {

PipelineCache::Pipeline PipelineCache::get(const std::string& tenant, const store::PipelineRecord& record,
                                           const std::function<StoredPipeline(const store::PipelineRecord&)>& parse) {
  const std::pair key{tenant, record.name};
  {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(key);
    if (found != entries_.end() && found->second.spec == record.spec && found->second.resources == record.resources &&
        found->second.pipeline->state == record.state && found->second.pipeline->revision == record.revision &&
        found->second.pipeline->created_ms == record.created_ms) {
      return found->second.pipeline;
    }
  }
  auto pipeline = std::make_shared<const StoredPipeline>(parse(record));
  const std::lock_guard lock(mutex_);
  if (entries_.size() >= kMost) entries_.clear();
  entries_[key] = {record.spec, record.resources, pipeline};
  return pipeline;
}

}  // namespace millrace::manager
