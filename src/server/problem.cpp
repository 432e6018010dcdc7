#include "server/problem.hpp"

#include <algorithm>
#include <array>
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

Response problem(const Error& error, const std::string& request_id, int status) {
  const auto& info = error.info();
  std::string anchor(info.id);
  for (auto& c : anchor) {
    if (c == '.' || c == '_') c = '-';
  }
  ordered_json body{{"type", "urn:millrace:error:" + anchor},
                    {"title", info.meaning},
                    {"status", status == 0 ? info.http_status : status},
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
  return {.status = status == 0 ? info.http_status : status,
          .type = "application/problem+json",
          .body = body.dump(-1, ' ', false, ordered_json::error_handler_t::replace)};
}

bool may_read_foreign_words(const security::Actor& reader) {
  return security::allowed(reader, security::Permission::kConnectionsWrite);
}

void hide_foreign_words(ordered_json& problem) {
  const std::string code = problem.value("code", "");
  constexpr std::array kOfOthers = {"source.", "target.", "connect.", "connector.", "kafka."};
  const bool foreign =
      std::any_of(kOfOthers.begin(), kOfOthers.end(), [&](const char* room) { return code.starts_with(room); });
  if (!foreign) return;
  problem["detail"] = problem.value("title", "");
  problem.erase("cause");
  problem.erase("notes");
  if (const auto errors = problem.find("errors"); errors != problem.end()) {
    for (auto& error : *errors) error["message"] = problem["detail"];
  }
}

}  // namespace millrace::server
