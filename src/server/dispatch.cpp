#include "server/dispatch.hpp"

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "server/api_json.hpp"
#include "server/authenticate.hpp"
#include "server/problem.hpp"
#include "server/web_resource.hpp"
#include "store/audit_log.hpp"
#include "support/error.hpp"
#include "support/unix_time.hpp"

namespace millrace::server {
namespace {

constexpr double kPerSecond = 100;
constexpr double kBurst = 200;
constexpr std::size_t kMostAddresses = 10'000;
constexpr int kMethodNotAllowed = 405;

/// Every permitted write and every refusal, with who and from where. What is the server's own business is in no
/// tenant's part of the log.
void audit(const Route& route, const Call& call, const std::string& outcome) {
  security::AuditRecord record;
  record.time_ms = unix_ms();
  record.tenant = security::is_of_server(route.permission) ? "" : call.actor.tenant;
  record.actor = call.actor.label();
  record.action = route.method + " " + route.path;
  record.object = call.request.path;
  record.outcome = outcome;
  record.address = call.request.address;
  record.details = call.audit_details;
  call.services.database->write([&](store::Session& session) { store::AuditLog(session).append(record); });
}

Response permitted(const Route& route, const Call& call) {
  try {
    security::require(call.actor, route.permission);
  } catch (const Error&) {
    audit(route, call, "denied");
    throw;
  }
  if (route.method == "GET") return route.handler(call);
  try {
    auto response = route.handler(call);
    audit(route, call, "ok");
    return response;
  } catch (...) {
    audit(route, call, "failed");
    throw;
  }
}

/// permitted(), with the faults of other servers told as the one who asks may read them.
Response permitted_and_told(const Route& route, const Call& call) {
  try {
    return permitted(route, call);
  } catch (const Error& error) {
    if (may_read_foreign_words(call.actor)) throw;
    auto refused = problem(error, call.request.id);
    auto body = nlohmann::ordered_json::parse(refused.body);
    hide_foreign_words(body);
    refused.body = body.dump();
    return refused;
  }
}

void guard(Response& response, const Services& services) {
  const auto set = [&](const char* name, const char* value) { response.headers.emplace_back(name, value); };
  set("X-Content-Type-Options", "nosniff");
  set("Content-Security-Policy",
      "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
  set("Referrer-Policy", "no-referrer");
  const auto caches = [](const auto& header) { return header.first == "Cache-Control"; };
  if (std::none_of(response.headers.begin(), response.headers.end(), caches)) set("Cache-Control", "no-store");
  if (services.tls) set("Strict-Transport-Security", "max-age=31536000");
}

/// Of the routes' paths that fit the one with the fewest parameters: "quarantine/retry" is no row called retry.
std::string nearest_path(const std::string& path) {
  std::string nearest;
  std::size_t fewest = 0;
  for (const auto& route : routes()) {
    std::map<std::string, std::string> parameters;
    if (!match(route, path, parameters)) continue;
    if (!nearest.empty() && parameters.size() >= fewest) continue;
    nearest = route.path;
    fewest = parameters.size();
  }
  return nearest;
}

}  // namespace

bool Dispatch::within_rate(const std::string& address) {
  const std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (buckets_.size() > kMostAddresses) buckets_.clear();
  auto& bucket = buckets_.try_emplace(address, Bucket{kBurst, now}).first->second;
  const std::chrono::duration<double> passed = now - bucket.filled;
  bucket.left = std::min(kBurst, bucket.left + passed.count() * kPerSecond);
  bucket.filled = now;
  if (bucket.left < 1) return false;
  bucket.left -= 1;
  return true;
}

Response Dispatch::answer(const Request& request) {
  if (!within_rate(request.address)) {
    auto refused =
        problem(Error(ErrorCode::kThrottled, "Too many requests came from this address: wait 1 s."), request.id);
    refused.headers.emplace_back("Retry-After", "1");
    return refused;
  }
  std::string allowed;
  const auto method = request.method == "HEAD" ? "GET" : request.method;
  const auto place = nearest_path(request.path);
  for (const auto& route : routes()) {
    Call call{.request = request, .services = services_, .parameters = {}, .actor = {}};
    if (route.path != place || !match(route, request.path, call.parameters)) continue;
    if (route.method != method) {
      allowed += (allowed.empty() ? "" : ", ") + route.method;
      continue;
    }
    if (route.access != Access::kPublic) call.actor = authenticate(request, services_);
    return route.access == Access::kPermitted ? permitted_and_told(route, call) : route.handler(call);
  }
  if (auto file = allowed.empty() ? web_response(request) : std::nullopt) return std::move(*file);
  if (allowed.empty()) throw Error(ErrorCode::kObjectNotFound, "There is nothing at " + request.path + ".");
  auto refused = problem(Error(ErrorCode::kUsage, "The method is not one of " + allowed + "."), request.id);
  auto body = nlohmann::ordered_json::parse(refused.body);
  body["status"] = refused.status = kMethodNotAllowed;
  refused.body = body.dump();
  refused.headers.emplace_back("Allow", allowed);
  return refused;
}

Response Dispatch::operator()(const Request& request) {
  const auto begun = std::chrono::steady_clock::now();
  Response response;
  try {
    response = answer(request);
  } catch (const Error& error) {
    response = problem(error, request.id);
  } catch (const std::exception&) {
    // Its words are not ours and might hold anything.
    response = problem(Error(ErrorCode::kInternal, "The server failed unexpectedly."), request.id);
  }
  guard(response, services_);
  response.headers.emplace_back("X-Request-Id", request.id);
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begun;
  const nlohmann::ordered_json line{{"time", rfc3339(unix_ms())}, {"level", "info"},
                                    {"requestId", request.id},    {"address", request.address},
                                    {"method", request.method},   {"path", request.path},
                                    {"status", response.status},  {"ms", static_cast<std::int64_t>(took.count())}};
  const std::lock_guard lock(mutex_);
  std::cerr << line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << std::endl;
  return response;
}

}  // namespace millrace::server
