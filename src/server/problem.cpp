#include "server/problem.hpp"

#include <nlohmann/json.hpp>

#include "server/api_json.hpp"

namespace millrace::server {
namespace {

using nlohmann::ordered_json;

/// "source.ssl_mode" -> "/source/sslMode".
std::string pointer(const std::string& field) {
  std::string text = "/";
  for (const char c : camel(field)) text += c == '.' ? '/' : c;
  return text;
}

}  // namespace

Response problem(const Error& error, const std::string& request_id) {
  const auto& info = error.info();
  std::string anchor(info.id);
  for (auto& c : anchor) {
    if (c == '.' || c == '_') c = '-';
  }
  ordered_json body{{"type", "urn:millrace:error:" + anchor},
                    {"title", info.meaning},
                    {"status", info.http_status},
                    {"detail", error.message()},
                    {"code", info.id},
                    {"requestId", request_id},
                    {"retryable", error.retriable()},
                    {"fix", error.suggestion()}};
  if (!error.cause().empty()) body["cause"] = error.cause();
  if (!error.context().pipeline.empty()) body["pipeline"] = error.context().pipeline;
  if (!error.context().table.empty()) body["table"] = error.context().table;
  if (!error.notes().empty()) body["notes"] = error.notes();
  if (!error.context().field.empty()) {
    body["errors"] = ordered_json::array({{{"pointer", pointer(error.context().field)},
                                           {"code", info.id},
                                           {"message", error.message()},
                                           {"fix", error.suggestion()}}});
  }
  return {.status = info.http_status,
          .type = "application/problem+json",
          .body = body.dump(-1, ' ', false, ordered_json::error_handler_t::replace)};
}

}  // namespace millrace::server
