#include "cli/account_service.hpp"
#include "cli/answer_members.hpp"
#include "cli/signed_in.hpp"
#include "support/error.hpp"

namespace millrace::cli {
namespace {

using nlohmann::ordered_json;

class RemoteAccounts : public AccountService {
 public:
  RemoteAccounts(const ServerContext& server, Administrator administrator)
      : server_(server), administrator_(std::move(administrator)), client_(server) {}

  ordered_json add_user(const NewUser& user, const std::stop_token& stop) override {
    ordered_json body{{"name", user.name}, {"password", user.password.reveal()}, {"serverAdmin", user.server_admin}};
    if (!user.email.empty()) body["email"] = user.email;
    if (!user.role.empty()) {
      body["memberships"] = ordered_json::array({{{"tenant", tenant(stop)}, {"role", user.role}}});
    }
    return administering(stop).post("/users", body, stop);
  }
  std::vector<ordered_json> users(const std::stop_token& stop) override {
    const auto found = administering(stop).list("/users", 0, stop);
    return {found.begin(), found.end()};
  }
  void set_password(const std::string& user, const Secret& password, const std::stop_token& stop) override {
    for (const auto& known : users(stop)) {
      const AnswerMembers members(known);
      if (members.text("name") != user) continue;
      administering(stop).post("/users/" + url_part(members.text("id")) + "/password",
                               {{"password", password.reveal()}}, stop);
      return;
    }
    throw Error(ErrorCode::kObjectNotFound, "There is no user " + user + ".", {.field = "user"});
  }
  ordered_json create_key(const NewApiKey& key, const std::function<Secret()>& password,
                          const std::stop_token& stop) override {
    SignedIn owner(server_, key.user, password(), stop);
    owner.client().choose_tenant(tenant(stop), stop);
    ordered_json body{{"name", key.name}, {"role", key.role}, {"expiresInDays", nullptr}};
    if (key.days > 0) body["expiresInDays"] = key.days;
    if (!key.scopes.empty()) body["scopes"] = key.scopes;
    return owner.client().post("/api-keys", body, stop);
  }
  std::vector<ordered_json> keys(const std::stop_token& stop) override {
    const auto found = [&] {
      try {
        return client_.list("/api-keys?all=true", 0, stop);
      } catch (const Error& error) {
        if (error.code() != ErrorCode::kForbidden) throw;
        return client_.list("/api-keys", 0, stop);
      }
    }();
    return {found.begin(), found.end()};
  }
  void revoke_key(const std::string& id, const std::stop_token& stop) override {
    client_.send("DELETE", "/api-keys/" + url_part(id), nullptr, {}, stop);
  }
  ordered_json verify_audit(const std::string& expected, const std::stop_token& stop) override {
    return administering(stop).get("/audit:verify" + (expected.empty() ? "" : "?expect=" + url_part(expected)), stop);
  }

 private:
  /// No API key administers a server: one that got into wrong hands must not make users.
  ServerClient& administering(const std::stop_token& stop) {
    if (session_) return session_->client();
    if (administrator_.name.empty()) {
      throw Error(ErrorCode::kUsage, "On a server this is done by a server administrator who signs in, not by a key.",
                  {.field = "as"})
          .suggest(
              "Name yourself with --as NAME; the password comes by prompt, --as-password-file or "
              "MILLRACE_ADMIN_PASSWORD.");
    }
    session_.emplace(server_, administrator_.name, administrator_.password(), stop);
    return session_->client();
  }

  /// That the context's key works in.
  std::string tenant(const std::stop_token& stop) {
    const auto me = client_.get("/auth/me", stop);
    const auto* tenant = AnswerMembers(me).find("tenant");
    if (tenant == nullptr) throw Error(ErrorCode::kForbidden, "The key works in no tenant.");
    return AnswerMembers(*tenant).text("id");
  }

  ServerContext server_;
  Administrator administrator_;
  ServerClient client_;
  std::optional<SignedIn> session_;
};

}  // namespace

std::unique_ptr<AccountService> remote_accounts(const ServerContext& server, Administrator administrator) {
  return std::make_unique<RemoteAccounts>(server, std::move(administrator));
}

}  // namespace millrace::cli
