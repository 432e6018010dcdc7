#include "cli/login.hpp"

#include <unistd.h>

#include <array>
#include <nlohmann/json.hpp>

#include "cli/answer_members.hpp"
#include "cli/output.hpp"
#include "cli/signed_in.hpp"
#include "support/error.hpp"
#include "support/unix_time.hpp"

namespace millrace::cli {
namespace {

using nlohmann::ordered_json;

std::string machine() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "a machine without name";
}

/// Tells people which key belongs where; an owner has one of a name.
std::string key_name() {
  return "millrace login on " + machine() + ", " + utc_time(unix_ms()) + ", " + std::to_string(::getpid());
}

std::string tenant_name(const ordered_json& me) {
  const auto* tenant = AnswerMembers(me).find("tenant");
  return tenant == nullptr ? std::string() : AnswerMembers(*tenant).text("name");
}

std::string tenant_id(const ordered_json& me, const std::string& wanted) {
  for (const auto& item : AnswerMembers(me).list("tenants")) {
    const AnswerMembers tenant(item);
    if (tenant.text("name") == wanted || tenant.text("id") == wanted) return tenant.text("id");
  }
  Error error(ErrorCode::kObjectNotFound, "There is no tenant " + wanted + " that this user may work in.",
              {.field = "tenant"});
  for (const auto& item : AnswerMembers(me).list("tenants")) error.note(AnswerMembers(item).text("name"));
  throw error;
}

LoginResult with_key(const LoginRequest& request, const std::stop_token& stop) {
  ServerClient client(request.to);
  const auto me = client.get("/auth/me", stop);
  LoginResult result{.context = request.to, .user = AnswerMembers(me).text("user"), .tenant = tenant_name(me)};
  result.context.server = client.server();
  return result;
}

LoginResult with_password(const LoginRequest& request, const std::stop_token& stop) {
  SignedIn session(request.to, request.user, request.password, stop);
  auto& client = session.client();
  auto me = client.get("/auth/me", stop);
  if (!request.tenant.empty()) me = client.choose_tenant(tenant_id(me, request.tenant), stop);
  if (tenant_name(me).empty()) {
    throw Error(ErrorCode::kForbidden, "The user " + request.user + " is a member of no tenant there.");
  }
  // A server administrator may have no role in a tenant, and acts as its admin.
  auto role = AnswerMembers(me).text("role");
  if (role.empty()) role = "admin";
  if (!request.role.empty()) role = request.role;
  const auto key =
      client.post("/api-keys",
                  {{"name", key_name()},
                   {"role", role},
                   {"expiresInDays", request.days == 0 ? ordered_json(nullptr) : ordered_json(request.days)}},
                  stop);
  const AnswerMembers members(key);
  LoginResult result{.context = request.to,
                     .user = AnswerMembers(me).text("user"),
                     .tenant = tenant_name(me),
                     .expires = members.text("expiresAt")};
  result.context.server = client.server();
  result.context.token = Secret(members.text("key"));
  result.context.key_id = members.text("id");
  return result;
}

}  // namespace

LoginResult log_in(const LoginRequest& request, const std::stop_token& stop) {
  if (!request.to.token.empty()) return with_key(request, stop);
  return with_password(request, stop);
}

void revoke_key(const ServerContext& context, const std::stop_token& stop) {
  try {
    ServerClient(context).send("DELETE", "/api-keys/" + url_part(context.key_id), nullptr, {}, stop);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kUnauthenticated && error.code() != ErrorCode::kObjectNotFound) throw;
  }
}

}  // namespace millrace::cli
