#include "replication/ddl_message.hpp"

#include <nlohmann/json.hpp>

namespace millrace::replication {

std::optional<DdlMessage> parse_ddl_message(std::string_view content) {
  using nlohmann::json;
  try {
    const auto value = json::parse(content);
    DdlMessage message;
    message.publication = value.at("publication").get<std::string>();
    message.command = value.at("command").get<std::string>();
    message.oid = {value.at("oid").get<std::uint32_t>()};
    message.table = {value.at("schema").get<std::string>(), value.at("table").get<std::string>()};
    message.dropped = value.at("dropped").get<bool>();
    if (message.dropped) return message;
    for (const auto& column : value.at("columns")) {
      const auto& missing = column.at("missing");
      message.columns.push_back(
          {.attnum = column.at("attnum").get<int>(),
           .name = column.at("name").get<std::string>(),
           .type = {column.at("type").get<std::uint32_t>()},
           .modifier = column.at("typmod").get<int>(),
           .not_null = column.at("not_null").get<bool>(),
           .missing = missing.is_null() ? std::nullopt : std::optional(missing.get<std::string>())});
    }
    return message;
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

}  // namespace millrace::replication
