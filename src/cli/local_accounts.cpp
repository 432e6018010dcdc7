#include <unistd.h>

#include "access/accounts.hpp"
#include "access/verify_audit.hpp"
#include "cli/account_service.hpp"
#include "cli/local_actor.hpp"
#include "manager/workspace.hpp"
#include "server/account_json.hpp"
#include "store/api_keys.hpp"
#include "store/users.hpp"
#include "support/error.hpp"
#include "support/unix_time.hpp"

namespace millrace::cli {
namespace {

using nlohmann::ordered_json;

constexpr std::int64_t kMsPerDay = 24LL * 60 * 60 * 1000;
constexpr std::size_t kAccountsPage = 1000;

class LocalAccounts : public AccountService {
 public:
  explicit LocalAccounts(manager::Workspace workspace)
      : workspace_(std::move(workspace)), accounts_(workspace_.database) {}

  ordered_json add_user(const NewUser& user, const std::stop_token&) override {
    std::vector<store::Membership> memberships;
    if (!user.role.empty()) {
      memberships.push_back({workspace_.tenant, "", security::require_role(user.role, "role")});
    }
    const auto made =
        accounts_.create_user(local_actor(), user.name, user.password, user.server_admin, user.email, memberships);
    return workspace_.database->read([&](store::Session& session) { return server::user_json(session, made); });
  }
  std::vector<ordered_json> users(const std::stop_token&) override {
    return pages([&](store::Session& session, const store::PageRequest& request, std::vector<ordered_json>& all) {
      const auto page = store::Users(session).list(request);
      for (const auto& user : page.items) all.push_back(server::user_json(session, user));
      return page.next;
    });
  }
  void set_password(const std::string& user, const Secret& password, const std::stop_token&) override {
    accounts_.set_password(local_actor(), require_user(user).id, password);
  }
  ordered_json create_key(const NewApiKey& key, const std::function<Secret()>&, const std::stop_token&) override {
    const auto owner = require_user(key.user);
    store::ApiKeyRecord wanted;
    wanted.tenant = workspace_.tenant;
    wanted.user = owner.id;
    wanted.name = key.name;
    wanted.role = security::require_role(key.role, "role");
    wanted.scopes = key.scopes;
    if (key.days > 0) wanted.expires_ms = unix_ms() + key.days * kMsPerDay;
    const auto made = accounts_.create_api_key(local_actor(), wanted);
    auto document = server::api_key_json(made.record, owner.name);
    document["key"] = made.whole.reveal();
    return document;
  }
  std::vector<ordered_json> keys(const std::stop_token&) override {
    return pages([&](store::Session& session, const store::PageRequest& request, std::vector<ordered_json>& all) {
      const auto page = store::ApiKeys(session).list(workspace_.tenant, request);
      for (const auto& key : page.items) {
        const auto owner = store::Users(session).find(key.user);
        all.push_back(server::api_key_json(key, owner ? owner->name : ""));
      }
      return page.next;
    });
  }
  void revoke_key(const std::string& id, const std::stop_token&) override {
    accounts_.revoke_api_key(local_actor(), workspace_.tenant, id);
  }
  ordered_json verify_audit(const std::string& expected, const std::stop_token&) override {
    std::optional<security::ChainHead> head;
    if (!expected.empty()) head = access::parse_head(expected, "expect");
    return server::audit_report_json(access::verify_audit(*workspace_.database, head));
  }

 private:
  store::UserRecord require_user(const std::string& name) {
    const auto user =
        workspace_.database->read([&](store::Session& session) { return store::Users(session).find_by_name(name); });
    if (!user) throw Error(ErrorCode::kObjectNotFound, "There is no user " + name + ".", {.field = "user"});
    return *user;
  }

  template <class AddPage>
  std::vector<ordered_json> pages(const AddPage& add_page) {
    std::vector<ordered_json> all;
    store::PageRequest request{.size = kAccountsPage};
    do {
      request.after =
          workspace_.database->read([&](store::Session& session) { return add_page(session, request, all); });
    } while (!request.after.empty());
    return all;
  }

  manager::Workspace workspace_;
  access::Accounts accounts_;
};

}  // namespace

std::unique_ptr<AccountService> local_accounts(const std::string& data_dir, const std::string& store) {
  return std::make_unique<LocalAccounts>(manager::open_workspace(data_dir, store));
}

}  // namespace millrace::cli
