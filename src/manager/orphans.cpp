#include "manager/orphans.hpp"

#include <algorithm>
#include <cctype>
#include <map>

#include "ingestion/connector_set.hpp"
#include "ingestion/kafka_connect_client.hpp"
#include "pipeline/names.hpp"
#include "postgres/publication.hpp"
#include "postgres/slot.hpp"
#include "store/pipelines.hpp"
#include "support/error.hpp"
#include "support/retry.hpp"

namespace millrace::manager {
namespace {

constexpr std::chrono::seconds kPatience{10};
constexpr const char* kSlotEnd = "_slot";
constexpr const char* kPublicationEnd = "_pub";
constexpr const char* kSourceEnd = "-source";
constexpr const char* kSinkEnd = "-sink";

/// One server, however many pipelines reach it.
struct Places {
  std::map<std::string, SourceEndpoint> sources;              ///< by URL without password
  std::map<std::string, pipeline::ConnectEndpoint> clusters;  ///< by URL
};

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

Places places_of(const std::vector<StoredPipeline>& pipelines) {
  Places places;
  for (const auto& stored : pipelines) {
    places.sources.try_emplace(display_url(stored.spec.source), stored.spec.source);
    const auto& connect = stored.spec.kafka.connect;
    if (stored.spec.engine == pipeline::EngineKind::kKafkaConnect) places.clusters.try_emplace(connect.url, connect);
  }
  return places;
}

/// Of all tenants: what is another's is no orphan, and is not told either.
OwnedNames owned_names(const Workspace& workspace) {
  OwnedNames owned;
  std::set<std::string> tenants;
  for (const auto& place : store::Pipelines::everywhere(*workspace.database)) tenants.insert(place.tenant);
  for (const auto& tenant : tenants) {
    for (const auto& stored : Registry(workspace.of(tenant)).list()) {
      const auto names = pipeline::derive_names(stored.spec);
      owned.slots.insert(names.slot);
      owned.publications.insert(names.publication);
      owned.connectors.insert(names.source_connector);
      owned.connectors.insert(names.sink_connector);
    }
  }
  return owned;
}

class Search {
 public:
  Search(OwnedNames owned, const std::set<std::string>& former) : owned_(std::move(owned)) {
    for (const auto& name : former) former_.insert(lower(name));
  }

  void source(const std::string& place, const SourceEndpoint& endpoint, OrphanSearch& found) const {
    try {
      postgres::Connection connection(endpoint);
      const auto slots = postgres::read_slots(connection);
      const auto publications = postgres::read_publications(connection);
      const auto has_publication = [&](const std::string& name) {
        return std::any_of(publications.begin(), publications.end(), [&](const auto& one) { return one.name == name; });
      };
      const auto has_slot = [&](const std::string& name) {
        return std::any_of(slots.begin(), slots.end(), [&](const auto& one) { return one.name == name; });
      };
      for (const auto& slot : slots) {
        if (slot.temporary || slot.plugin != "pgoutput" || owned_.slots.contains(slot.name)) continue;
        const auto stem = stem_of(slot.name, kSlotEnd);
        const bool paired = slot.database == endpoint.database && has_publication(stem + kPublicationEnd);
        const auto note = reason(slot.name, stem, kSlotEnd, paired ? "its publication is beside it" : "");
        if (note.empty()) continue;
        found.orphans.push_back({Orphan::Kind::kSlot, slot.name, place, slot.active, slot.retained_bytes, note});
      }
      for (const auto& publication : publications) {
        if (owned_.publications.contains(publication.name)) continue;
        const auto stem = stem_of(publication.name, kPublicationEnd);
        const bool paired = has_slot(stem + kSlotEnd);
        const auto note = reason(publication.name, stem, kPublicationEnd, paired ? "its slot is beside it" : "");
        if (!note.empty()) found.orphans.push_back({Orphan::Kind::kPublication, publication.name, place, {}, {}, note});
      }
    } catch (const Error& error) {
      found.warnings.push_back(place + ": " + error.message());
    }
  }

  void cluster(const std::string& place, const pipeline::ConnectEndpoint& endpoint, OrphanSearch& found,
               const std::stop_token& stop) const {
    try {
      ClockPause pause;
      ingestion::KafkaConnectClient client(ingestion::make_curl_transport(endpoint), pause, kPatience);
      for (const auto& [name, status] : client.statuses(stop)) {
        const auto stem = stem_of(name, kSourceEnd) + stem_of(name, kSinkEnd);
        if (stem.empty() || owned_.connectors.contains(name)) continue;
        const auto config = client.find_config(name, stop);
        if (!config || !named_after(*config, stem)) continue;
        found.orphans.push_back({Orphan::Kind::kConnector, name, place, {}, {}, "its topics are named after it"});
      }
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kInterrupted) throw;
      found.warnings.push_back(place + ": " + error.message());
    }
  }

 private:
  static bool named_after(const pipeline::ConnectorConfig& config, const std::string& pipeline) {
    const auto value = [&](const char* key) {
      const auto found = config.find(key);
      return found == config.end() ? std::string() : found->second;
    };
    return value("topic.prefix") == pipeline || value("topics").starts_with(pipeline + ".");
  }

  /// Why a name is taken for Millrace's; empty: it is not.
  std::string reason(const std::string& name, const std::string& stem, const std::string& suffix,
                     const std::string& pair) const {
    if (stem.empty()) return "";
    if (former_.contains(stem)) return "a pipeline of this name was here";
    if (is_derived_name(name, suffix)) return "the name is one that Millrace derives";
    return pair;
  }

  OwnedNames owned_;
  std::set<std::string> former_;  ///< in lower case
};

OrphanSearch search(const Workspace& workspace, const Places& places, const std::set<std::string>& former,
                    const std::stop_token& stop) {
  const Search rules(owned_names(workspace), former);
  OrphanSearch found;
  for (const auto& [place, endpoint] : places.sources) {
    if (stop.stop_requested()) throw Error(ErrorCode::kInterrupted, "Stopped on request.");
    rules.source(place, endpoint, found);
  }
  for (const auto& [place, endpoint] : places.clusters) rules.cluster(place, endpoint, found, stop);
  return found;
}

}  // namespace

std::string stem_of(const std::string& name, const std::string& suffix) {
  if (name.size() <= suffix.size() || !name.ends_with(suffix)) return "";
  return name.substr(0, name.size() - suffix.size());
}

bool is_derived_name(const std::string& name, const std::string& suffix) {
  const auto stem = stem_of(name, suffix);
  const auto middle = stem.find("_to_", 2);
  return stem.starts_with("p_") && middle != std::string::npos && middle > 2 && middle + 4 < stem.size();
}

OrphanSearch find_orphans(const Workspace& workspace, const std::set<std::string>& former,
                          const std::stop_token& stop) {
  return search(workspace, places_of(Registry(workspace).list()), former, stop);
}

std::vector<std::string> remove_orphan(const Workspace& workspace, const std::set<std::string>& former,
                                       const Orphan& orphan, const std::stop_token& stop) {
  auto places = places_of(Registry(workspace).list());
  std::erase_if(places.sources, [&](const auto& one) { return one.first != orphan.place; });
  std::erase_if(places.clusters, [&](const auto& one) { return one.first != orphan.place; });
  const auto now = search(workspace, places, former, stop);
  const auto found = std::find_if(now.orphans.begin(), now.orphans.end(), [&](const Orphan& one) {
    return one.kind == orphan.kind && one.name == orphan.name && one.place == orphan.place;
  });
  if (found == now.orphans.end()) {
    Error error(ErrorCode::kObjectNotFound, "There is no such orphan: it is gone, or a pipeline owns it.");
    for (const auto& warning : now.warnings) error.note(warning);
    throw error;
  }
  if (found->kind == Orphan::Kind::kConnector) {
    ClockPause pause;
    ingestion::KafkaConnectClient client(ingestion::make_curl_transport(places.clusters.at(orphan.place)), pause);
    pipeline::PipelinePlan plan;
    plan.names.source_connector = plan.names.sink_connector = found->name;
    std::vector<std::string> removed;
    ingestion::ConnectorSet(plan, client, pause, stop).remove([&](const std::string& what) {
      removed.push_back(what);
    });
    return removed;
  }
  postgres::Connection connection(places.sources.at(orphan.place));
  if (found->kind == Orphan::Kind::kPublication) {
    postgres::drop_publication(connection, found->name);
    return {"publication " + found->name};
  }
  if (found->active.value_or(false)) {
    throw Error(ErrorCode::kSlotInUse, "The slot " + found->name + " is read by somebody.")
        .suggest("It may belong to a pipeline of another Millrace: end its reader first.");
  }
  postgres::drop_slot(connection, found->name, std::chrono::milliseconds(0));
  return {"slot " + found->name};
}

}  // namespace millrace::manager
