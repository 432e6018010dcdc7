#include "replication/ddl_message.hpp"

#include <nlohmann/json.hpp>

namespace millrace::replication {
namespace {

std::optional<std::string> text_or_null(const nlohmann::json& value) {
  if (value.is_null()) return std::nullopt;
  return value.get<std::string>();
}

}  // namespace

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
    message.computed = value.value("computed", false);
    message.attached = value.value("attached", false);
    if (message.dropped || message.computed || message.attached) return message;
    if (const auto file = value.find("file"); file != value.end() && !file->is_null()) {
      message.file = file->get<std::uint32_t>();
    }
    for (const auto& column : value.at("columns")) {
      message.columns.push_back({.attnum = column.at("attnum").get<int>(),
                                 .name = column.at("name").get<std::string>(),
                                 .type = {column.at("type").get<std::uint32_t>()},
                                 .modifier = column.at("typmod").get<int>(),
                                 .not_null = column.at("not_null").get<bool>(),
                                 .missing = text_or_null(column.at("missing"))});
      // A capture that was installed by an earlier version does not tell of defaults.
      const auto expression = column.find("default");
      if (expression == column.end()) continue;
      auto& told = message.columns.back();
      told.old_rows = judge_old_rows({.has_default = !expression->is_null() || column.at("identity").get<bool>(),
                                      .identity = column.at("identity").get<bool>(),
                                      .expression = text_or_null(*expression).value_or(""),
                                      .rewritten = message.file != message.oid.value,
                                      .missing = told.missing});
    }
    return message;
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

}  // namespace millrace::replication
