#include "cli/named_connections.hpp"

#include "server/api_json.hpp"
#include "support/error.hpp"

namespace millrace::cli {
namespace {

using nlohmann::json;

nlohmann::ordered_json found(const FindConnection& find, const std::string& name, const std::string& field) {
  try {
    return find(name);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kObjectNotFound) throw;
    throw Error(ErrorCode::kObjectNotFound, "There is no connection " + name + ".", {.field = field})
        .suggest("`millrace connections list` shows those that are saved.");
  }
}

}  // namespace

json with_connections(json document, const FindConnection& find) {
  if (!document.is_object()) return document;
  for (const std::string side : {"source", "target"}) {
    const auto member = document.find(side);
    if (member == document.end() || !member->is_object() || !member->contains("connection")) continue;
    const auto field = side + ".connection";
    const auto& word = member->at("connection");
    if (!word.is_string()) throw Error(ErrorCode::kUsage, field + " must be a text.", {.field = field});
    for (const auto& [name, value] : member->items()) {
      if (name == "connection" || name == "schema") continue;
      throw Error(ErrorCode::kUsage, side + "." + name + " comes with the saved connection.",
                  {.field = side + "." + name});
    }
    const auto connection = found(find, word.get<std::string>(), field);
    if (connection.at("kind") != side) {
      throw Error(ErrorCode::kUsage,
                  "The connection " + connection.at("name").get<std::string>() + " is a " +
                      connection.at("kind").get<std::string>() + "'s.",
                  {.field = field});
    }
    auto whole = server::from_api(json(connection.at("endpoint")));
    whole["connection"] = connection.at("id");
    if (const auto schema = member->find("schema"); schema != member->end()) whole["schema"] = *schema;
    *member = std::move(whole);
  }
  return document;
}

}  // namespace millrace::cli
