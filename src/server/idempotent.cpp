#include "server/idempotent.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "security/random.hpp"
#include "store/idempotency.hpp"
#include "support/error.hpp"
#include "support/unix_time.hpp"

namespace millrace::server {
namespace {

constexpr std::size_t kLongestKey = 255;

std::string key_of(const Request& request) {
  const auto key = request.header("idempotency-key");
  const bool plain =
      key.size() <= kLongestKey && std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if (!plain) {
    throw Error(ErrorCode::kUsage, "An Idempotency-Key has 1 to 255 visible ASCII characters.",
                {.field = "Idempotency-Key"});
  }
  return key;
}

store::StoredAnswer stored(const Response& response) {
  nlohmann::json headers = nlohmann::json::object();
  for (const auto& [name, value] : response.headers) headers[name] = value;
  return {.status = response.status, .headers = headers.dump(), .body = response.body};
}

Response repeated(const store::StoredAnswer& answer) {
  Response response{.status = answer.status, .body = answer.body};
  const auto headers = nlohmann::json::parse(answer.headers, nullptr, false);
  if (!headers.is_object()) return response;
  for (const auto& [name, value] : headers.items()) response.headers.emplace_back(name, value.get<std::string>());
  return response;
}

}  // namespace

Response idempotent(const Call& call, const std::string& content, const std::function<Response()>& work) {
  const auto key = key_of(call.request);
  if (key.empty()) return work();
  const auto& workspace = call.workspace();
  const auto actor = call.actor.label();
  const auto fingerprint = security::fingerprint(call.request.method + ' ' + call.request.path + '\n' + content);
  using State = store::IdempotencyKeys::Claim::State;
  const auto claim = workspace.database->write([&](store::Session& session) {
    return store::IdempotencyKeys(session).claim(workspace.tenant, actor, key, fingerprint, unix_ms());
  });
  switch (claim.state) {
    case State::kMismatch:
      throw Error(ErrorCode::kIdempotencyMismatch, "The Idempotency-Key came with another request before.",
                  {.field = "Idempotency-Key"});
    case State::kInFlight:
      throw Error(ErrorCode::kIdempotencyInFlight, "A request with this Idempotency-Key is being worked on.");
    case State::kDone:
      return repeated(claim.answer);
    case State::kFirst:
      break;
  }
  try {
    auto response = work();
    workspace.database->write([&](store::Session& session) {
      store::IdempotencyKeys(session).complete(workspace.tenant, actor, key, stored(response));
    });
    return response;
  } catch (...) {
    workspace.database->write(
        [&](store::Session& session) { store::IdempotencyKeys(session).release(workspace.tenant, actor, key); });
    throw;
  }
}

}  // namespace millrace::server
