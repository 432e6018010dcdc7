#include "manager/registry.hpp"

#include <nlohmann/json.hpp>

#include "manager/pipeline_cache.hpp"
#include "pipeline/judge_hosts.hpp"
#include "pipeline/spec_json.hpp"
#include "support/error.hpp"
#include "support/suggest.hpp"
#include "support/unix_time.hpp"

namespace millrace::manager {
namespace {

constexpr const char* kSpecField = "spec";

/// A change of what is stored as text.
std::function<void(store::Pipelines::Life&)> changed(std::function<void(std::string&, Resources&)> change) {
  return [change = std::move(change)](store::Pipelines::Life& life) {
    auto resources = parse_resources(life.resources);
    change(life.state, resources);
    life.resources = to_json_text(resources);
  };
}

}  // namespace

Registry::Registry(Workspace workspace)
    : workspace_(std::move(workspace)),
      pipelines_(*workspace_.database, workspace_.tenant),
      runs_(*workspace_.database, workspace_.tenant) {}

security::SecretPlace Registry::place(const std::string& name) const {
  return {workspace_.tenant, "pipeline/" + name, kSpecField};
}

void Registry::reserve(const std::string& name, const pipeline::PipelineSpec& spec) {
  store::PipelineRecord record;
  record.name = name;
  record.state = "creating";
  record.spec = pipeline::to_json(spec, false).dump();
  record.resources = to_json_text(Resources{});
  // The whole document is sealed, so that no option that carries a secret can be forgotten here.
  record.sealed_secrets[kSpecField] = workspace_.box->seal(Secret(pipeline::to_json(spec, true).dump()), place(name));
  record.created_ms = record.updated_ms = unix_ms();
  if (!spec.source.connection.empty()) record.connections["source"] = spec.source.connection;
  if (!spec.target.connection.empty()) record.connections["target"] = spec.target.connection;
  pipelines_.insert(record);
}

void Registry::save(const std::string& name, const std::string& state, const Resources& resources) {
  pipelines_.update(name, state, to_json_text(resources));
}

void Registry::change(const std::string& name,
                      const std::function<void(std::string& state, Resources& resources)>& change) {
  pipelines_.change(name, changed(change));
}

void Registry::note(const std::string& name, const std::function<void(Resources& resources)>& change) {
  pipelines_.change(name, changed([&](std::string&, Resources& resources) { change(resources); }), /*noted=*/true);
}

void Registry::save_spec(const std::string& name, const pipeline::PipelineSpec& spec,
                         std::optional<std::int64_t> expected, const std::optional<Resources>& resources) {
  const Secret whole(pipeline::to_json(spec, true).dump());
  pipelines_.update_spec(name, pipeline::to_json(spec, false).dump(),
                         {{kSpecField, workspace_.box->seal(whole, place(name))}}, expected,
                         resources ? std::optional(to_json_text(*resources)) : std::nullopt);
}

void Registry::forget(const std::string& name) {
  pipelines_.remove(name);
}

StoredPipeline Registry::decode(const store::PipelineRecord& record) const {
  const auto sealed = record.sealed_secrets.find(kSpecField);
  if (sealed == record.sealed_secrets.end()) {
    throw Error(ErrorCode::kStore, "The stored pipeline has no sealed spec.", {.pipeline = record.name});
  }
  const Secret text = workspace_.box->open(sealed->second, place(record.name));
  return read(record, text.reveal());
}

StoredPipeline Registry::read(const store::PipelineRecord& record, const std::string& spec) const {
  const auto document = nlohmann::json::parse(spec, nullptr, false);
  if (document.is_discarded()) {
    throw Error(ErrorCode::kStore, "The stored pipeline's spec is not JSON.", {.pipeline = record.name});
  }
  return {.name = record.name,
          .state = record.state,
          .spec = pipeline::guarded(pipeline::spec_from_json(document), workspace_.guard),
          .resources = parse_resources(record.resources),
          .created_ms = record.created_ms,
          .revision = record.revision};
}

StoredPipeline Registry::load(const std::string& name) {
  if (const auto record = pipelines_.find(name)) return decode(*record);
  Error error(ErrorCode::kPipelineNotFound, "There is no pipeline " + name + ".", {.pipeline = name});
  const auto similar = nearest(name, pipelines_.names());
  if (!similar.empty()) error.suggest("Did you mean " + similar.front() + "?");
  throw error;
}

store::PageOf<std::shared_ptr<const StoredPipeline>> Registry::page(const store::PageRequest& request,
                                                                    const store::PipelineFilter& filter,
                                                                    PipelineCache& cache) {
  const auto records = pipelines_.page(request, filter);
  store::PageOf<std::shared_ptr<const StoredPipeline>> page{{}, records.next};
  for (const auto& record : records.items) {
    page.items.push_back(cache.get(workspace_.tenant, record,
                                   [this](const store::PipelineRecord& each) { return read(each, each.spec); }));
  }
  return page;
}

std::vector<StoredPipeline> Registry::list() {
  std::vector<StoredPipeline> all;
  for (const auto& record : pipelines_.list()) all.push_back(decode(record));
  return all;
}

}  // namespace millrace::manager
