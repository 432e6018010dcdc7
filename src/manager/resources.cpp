#include "manager/resources.hpp"

#include <nlohmann/json.hpp>

#include "support/error.hpp"

namespace millrace::manager {
namespace {

using nlohmann::json;

json name_json(const schema::TableName& name) {
  return json::array({name.schema, name.name});
}

schema::TableName name_from(const json& value) {
  return {value.at(0).get<std::string>(), value.at(1).get<std::string>()};
}

json names_json(const std::vector<schema::TableName>& names) {
  json list = json::array();
  for (const auto& name : names) list.push_back(name_json(name));
  return list;
}

std::vector<schema::TableName> names_from(const json& list) {
  std::vector<schema::TableName> names;
  for (const auto& name : list) names.push_back(name_from(name));
  return names;
}

json identities_json(const std::vector<IdentityBefore>& identities) {
  json list = json::array();
  for (const auto& before : identities) {
    list.push_back(
        {{"table", name_json(before.table)}, {"identity", static_cast<int>(before.identity)}, {"index", before.index}});
  }
  return list;
}

std::vector<IdentityBefore> identities_from(const json& list) {
  std::vector<IdentityBefore> identities;
  for (const auto& item : list) {
    identities.push_back({name_from(item.at("table")),
                          static_cast<schema::ReplicaIdentity>(item.at("identity").get<int>()),
                          item.at("index").get<std::string>()});
  }
  return identities;
}

}  // namespace

std::string to_json_text(const Resources& resources) {
  json routes = json::array();
  for (const auto& route : resources.routes) {
    routes.push_back({{"source", name_json(route.source)},
                      {"target", name_json(route.target)},
                      {"topic", route.topic},
                      {"key", route.key},
                      {"oid", route.oid.value}});
  }
  return json{{"slot", resources.slot},
              {"publication", resources.publication},
              {"connectors", resources.connectors},
              {"loaded", resources.loaded},
              {"target_tables", names_json(resources.target_tables)},
              {"replica_identity", identities_json(resources.replica_identity)},
              {"removed", names_json(resources.removed)},
              {"routes", routes}}
      .dump();
}

Resources parse_resources(const std::string& text) {
  try {
    const json value = json::parse(text);
    Resources resources{value.at("slot").get<bool>(),
                        value.at("publication").get<bool>(),
                        value.at("connectors").get<bool>(),
                        value.value("loaded", false),
                        names_from(value.at("target_tables")),
                        identities_from(value.at("replica_identity")),
                        {},
                        value.contains("removed") ? names_from(value.at("removed")) : std::vector<schema::TableName>{}};
    for (const auto& route : value.at("routes")) {
      resources.routes.push_back({name_from(route.at("source")),
                                  name_from(route.at("target")),
                                  route.at("topic").get<std::string>(),
                                  route.at("key").get<std::vector<std::string>>(),
                                  {route.value("oid", std::uint32_t{0})}});
    }
    return resources;
  } catch (const json::exception& error) {
    throw Error(ErrorCode::kStore, "A pipeline's stored resources cannot be read.").because(error.what());
  }
}

}  // namespace millrace::manager
