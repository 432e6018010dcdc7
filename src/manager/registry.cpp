#include "manager/registry.hpp"

#include <chrono>
#include <nlohmann/json.hpp>
#include <system_error>

#include "pipeline/spec_json.hpp"
#include "support/error.hpp"
#include "support/suggest.hpp"

namespace millrace::manager {
namespace {

constexpr const char* kSpecField = "spec";

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

std::string place(const std::string& name) {
  return "pipeline/" + name + "/" + kSpecField;
}

std::int64_t now_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace

Registry::Registry(const std::filesystem::path& data_dir)
    : database_(prepared(data_dir) / "millrace.db"),
      pipelines_(database_),
      runs_(database_),
      box_(data_dir / "secret.key") {}

void Registry::reserve(const std::string& name, const pipeline::PipelineSpec& spec) {
  store::PipelineRecord record;
  record.name = name;
  record.state = "creating";
  record.spec = pipeline::to_json(spec, false).dump();
  record.resources = to_json_text({});
  // The whole document is sealed, so that no option that carries a secret can be forgotten here.
  record.sealed_secrets[kSpecField] = box_.seal(Secret(pipeline::to_json(spec, true).dump()), place(name));
  record.created_ms = record.updated_ms = now_ms();
  pipelines_.insert(record);
}

void Registry::save(const std::string& name, const std::string& state, const Resources& resources) {
  pipelines_.update(name, state, to_json_text(resources));
}

void Registry::note(const std::string& name, const Resources& resources) {
  pipelines_.note_resources(name, to_json_text(resources));
}

void Registry::save_spec(const std::string& name, const pipeline::PipelineSpec& spec) {
  const Secret whole(pipeline::to_json(spec, true).dump());
  pipelines_.update_spec(name, pipeline::to_json(spec, false).dump(), {{kSpecField, box_.seal(whole, place(name))}});
}

void Registry::forget(const std::string& name) {
  pipelines_.remove(name);
}

StoredPipeline Registry::decode(const store::PipelineRecord& record) const {
  const auto sealed = record.sealed_secrets.find(kSpecField);
  if (sealed == record.sealed_secrets.end()) {
    throw Error(ErrorCode::kStore, "The stored pipeline has no sealed spec.", {.pipeline = record.name});
  }
  const Secret text = box_.open(sealed->second, place(record.name));
  const auto document = nlohmann::json::parse(text.reveal(), nullptr, false);
  if (document.is_discarded()) {
    throw Error(ErrorCode::kStore, "The stored pipeline's spec is not JSON.", {.pipeline = record.name});
  }
  return {record.name,       record.state,   pipeline::spec_from_json(document), parse_resources(record.resources),
          record.created_ms, record.revision};
}

StoredPipeline Registry::load(const std::string& name) {
  if (const auto record = pipelines_.find(name)) return decode(*record);
  Error error(ErrorCode::kPipelineNotFound, "There is no pipeline " + name + ".", {.pipeline = name});
  std::vector<std::string> known;
  for (const auto& record : pipelines_.list()) known.push_back(record.name);
  const auto similar = nearest(name, known);
  if (!similar.empty()) error.suggest("Did you mean " + similar.front() + "?");
  throw error;
}

std::vector<StoredPipeline> Registry::list() {
  std::vector<StoredPipeline> all;
  for (const auto& record : pipelines_.list()) all.push_back(decode(record));
  return all;
}

}  // namespace millrace::manager
