#include "access/accounts.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "access/rotate_keys.hpp"
#include "access/verify_audit.hpp"
#include "store/secrets.hpp"
#include "store/tenants.hpp"

namespace millrace::access {
namespace {

constexpr std::int64_t kMinute = 60'000;

class AccountsTest : public ::testing::Test {
 protected:
  ~AccountsTest() override { std::filesystem::remove_all(directory); }
  static std::filesystem::path fresh_directory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "millrace-access.XXXXXX").string();
    return ::mkdtemp(pattern.data());
  }
  static ErrorCode code_of(const std::function<void()>& work) {
    try {
      work();
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::kInternal;
  }

  std::filesystem::path directory = fresh_directory();
  std::shared_ptr<store::Database> database = store::Database::open(directory / "millrace.db");
  std::int64_t now = 1'000'000'000;
  Accounts accounts{database,
                    {.cost = {.memory_bytes = std::size_t{8} << 20, .passes = 1}, .now_ms = [this] { return now; }}};
  const Secret password{"several words do"};
  const Client client{"192.0.2.1", "test"};
};

TEST_F(AccountsTest, TheFirstAdministratorSignsIn) {
  EXPECT_TRUE(accounts.make_first_admin("admin", password));
  EXPECT_FALSE(accounts.make_first_admin("other", password));
  const auto in = accounts.sign_in("ADMIN", password, client);
  EXPECT_EQ(in.tenant, store::kDefaultTenant);
  const auto actor = accounts.by_session(in.token.reveal(), client);
  EXPECT_TRUE(actor.server_admin);
  EXPECT_EQ(actor.role, security::Role::kAdmin);
  accounts.sign_out(in.token.reveal(), client);
  EXPECT_EQ(code_of([&] { accounts.by_session(in.token.reveal(), client); }), ErrorCode::kUnauthenticated);
  EXPECT_FALSE(verify_audit(*database).fault);
}

TEST_F(AccountsTest, SessionsRunOutAndRotate) {
  accounts.make_first_admin("admin", password);
  auto in = accounts.sign_in("admin", password, client);
  now += 29 * kMinute;
  accounts.by_session(in.token.reveal(), client);
  now += 29 * kMinute;
  const auto rotated = accounts.rotate(in.token.reveal(), client);
  EXPECT_EQ(code_of([&] { accounts.by_session(in.token.reveal(), client); }), ErrorCode::kUnauthenticated);
  accounts.by_session(rotated.token.reveal(), client);
  now += 30 * kMinute;
  EXPECT_EQ(code_of([&] { accounts.by_session(rotated.token.reveal(), client); }), ErrorCode::kUnauthenticated);
  const auto second = accounts.sign_in("admin", password, client);
  for (int i = 0; i < 35; ++i) {
    now += 20 * kMinute;
    accounts.by_session(second.token.reveal(), client);
  }
  now += 20 * kMinute;
  EXPECT_EQ(code_of([&] { accounts.by_session(second.token.reveal(), client); }), ErrorCode::kUnauthenticated);
}

TEST_F(AccountsTest, FailuresLookAlikeAndThrottle) {
  accounts.make_first_admin("admin", password);
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(code_of([&] { accounts.sign_in("admin", Secret("wrong"), client); }), ErrorCode::kSignIn);
    EXPECT_EQ(code_of([&] { accounts.sign_in("nobody", Secret("wrong"), client); }), ErrorCode::kSignIn);
  }
  EXPECT_EQ(code_of([&] { accounts.sign_in("admin", password, client); }), ErrorCode::kThrottled);
  EXPECT_EQ(code_of([&] { accounts.sign_in("nobody", password, client); }), ErrorCode::kThrottled);
  now += 2000;
  accounts.sign_in("admin", password, client);
}

TEST_F(AccountsTest, AKeyIsNoMoreThanItsOwner) {
  accounts.make_first_admin("admin", password);
  const auto user = accounts.create_user({}, "val", password);
  accounts.put_member({}, {store::kDefaultTenant, user.id, security::Role::kOperator});
  store::ApiKeyRecord wanted{.tenant = store::kDefaultTenant, .user = user.id, .name = "ci"};
  wanted.role = security::Role::kAdmin;
  EXPECT_EQ(code_of([&] { accounts.create_api_key({}, wanted); }), ErrorCode::kForbidden);
  wanted.role = security::Role::kOperator;
  wanted.scopes = {"pipelines.read"};
  wanted.expires_ms = now + 10 * kMinute;
  const auto key = accounts.create_api_key({}, wanted);
  EXPECT_TRUE(allowed(accounts.by_api_key(key.whole.reveal(), client), security::Permission::kPipelinesRead));
  EXPECT_FALSE(allowed(accounts.by_api_key(key.whole.reveal(), client), security::Permission::kEventsRead));
  accounts.put_member({}, {store::kDefaultTenant, user.id, security::Role::kViewer});
  EXPECT_EQ(accounts.by_api_key(key.whole.reveal(), client).role, security::Role::kViewer);
  now += 11 * kMinute;
  EXPECT_EQ(code_of([&] { accounts.by_api_key(key.whole.reveal(), client); }), ErrorCode::kUnauthenticated);
  wanted.expires_ms.reset();
  wanted.name = "ci2";
  wanted.role = security::Role::kViewer;
  const auto other = accounts.create_api_key({}, wanted);
  accounts.revoke_api_key({}, store::kDefaultTenant, other.record.id);
  EXPECT_EQ(code_of([&] { accounts.by_api_key(other.whole.reveal(), client); }), ErrorCode::kUnauthenticated);
}

TEST_F(AccountsTest, TheLastAdministratorStays) {
  accounts.make_first_admin("admin", password);
  const auto id = accounts.by_session(accounts.sign_in("admin", password, client).token.reveal(), client).user_id;
  EXPECT_EQ(code_of([&] { accounts.disable_user({}, id, true); }), ErrorCode::kObjectInUse);
  EXPECT_EQ(code_of([&] { accounts.remove_user({}, id); }), ErrorCode::kObjectInUse);
  EXPECT_EQ(code_of([&] { accounts.change_user({}, id, {.server_admin = false}); }), ErrorCode::kObjectInUse);
  EXPECT_EQ(accounts.change_user({}, id, {.email = "a@example.org"}).email, "a@example.org");
  EXPECT_EQ(code_of([&] { accounts.set_password({}, id, Secret("short")); }), ErrorCode::kPasswordWeak);
}

TEST_F(AccountsTest, ASessionMovesToTheTenantThatItChooses) {
  accounts.make_first_admin("admin", password);
  const auto sales = accounts.create_tenant({}, "Sales");
  const auto user = accounts.create_user({}, "val", password, false, "", {{sales.id, "", security::Role::kViewer}});
  const auto in = accounts.sign_in("val", password, client);
  EXPECT_EQ(in.tenant, sales.id);
  EXPECT_EQ(code_of([&] { accounts.choose_tenant(in.token.reveal(), store::kDefaultTenant, client); }),
            ErrorCode::kObjectNotFound);
  EXPECT_EQ(code_of([&] { accounts.choose_tenant(in.token.reveal(), "none", client); }), ErrorCode::kObjectNotFound);
  accounts.put_member({}, {store::kDefaultTenant, user.id, security::Role::kOperator});
  const auto moved = accounts.choose_tenant(in.token.reveal(), store::kDefaultTenant, client);
  EXPECT_EQ(code_of([&] { accounts.by_session(in.token.reveal(), client); }), ErrorCode::kUnauthenticated);
  const auto actor = accounts.by_session(moved.token.reveal(), client);
  EXPECT_EQ(actor.tenant, store::kDefaultTenant);
  EXPECT_EQ(actor.role, security::Role::kOperator);
}

TEST_F(AccountsTest, ATenantThatIsGoneGivesNoRights) {
  accounts.make_first_admin("admin", password);
  const auto sales = accounts.create_tenant({}, "Sales");
  const auto in = accounts.choose_tenant(accounts.sign_in("admin", password, client).token.reveal(), sales.id, client);
  EXPECT_TRUE(allowed(accounts.by_session(in.token.reveal(), client), security::Permission::kPipelinesCreate));
  EXPECT_EQ(code_of([&] { accounts.remove_tenant({}, sales.id, 7); }), ErrorCode::kObjectChanged);
  accounts.remove_tenant({}, sales.id, 1);
  const auto actor = accounts.by_session(in.token.reveal(), client);
  EXPECT_EQ(actor.tenant, "");
  EXPECT_FALSE(allowed(actor, security::Permission::kPipelinesCreate));
  EXPECT_TRUE(allowed(actor, security::Permission::kTenantsWrite));
}

TEST_F(AccountsTest, AStreamsCredentialIsLookedAtWithoutBeingUsed) {
  using enum security::Permission;
  accounts.make_first_admin("admin", password);
  const auto in = accounts.sign_in("admin", password, client);
  const auto allowed_now = [&](const std::string& tenant) {
    return accounts.still_allowed(in.token.reveal(), "", tenant, kEventsRead);
  };
  EXPECT_TRUE(allowed_now(store::kDefaultTenant));
  EXPECT_FALSE(allowed_now("another"));
  now += 29 * kMinute;
  EXPECT_TRUE(allowed_now(store::kDefaultTenant));
  // Looking did not make the session younger.
  now += 2 * kMinute;
  EXPECT_FALSE(allowed_now(store::kDefaultTenant));

  const auto admin =
      database->read([](store::Session& session) { return store::Users(session).find_by_name("admin"); });
  store::ApiKeyRecord wanted{.tenant = store::kDefaultTenant, .user = admin->id, .name = "ci"};
  const auto key = accounts.create_api_key({}, wanted);
  EXPECT_TRUE(accounts.still_allowed("", key.whole.reveal(), store::kDefaultTenant, kEventsRead));
  EXPECT_FALSE(accounts.still_allowed("", key.whole.reveal(), store::kDefaultTenant, kPipelinesCreate));
  accounts.revoke_api_key({}, store::kDefaultTenant, key.record.id);
  EXPECT_FALSE(accounts.still_allowed("", key.whole.reveal(), store::kDefaultTenant, kEventsRead));
}

TEST_F(AccountsTest, OwnSessionsAreSeenAndEndedByTheirOwnerAlone) {
  accounts.make_first_admin("admin", password);
  const auto user = accounts.create_user({}, "val", password);
  const auto first = accounts.sign_in("admin", password, client);
  now += 1;
  const auto second = accounts.sign_in("admin", password, client);
  const auto actor = accounts.by_session(second.token.reveal(), client);
  const auto sessions = accounts.own_sessions(second.token.reveal());
  ASSERT_EQ(sessions.size(), 2U);
  EXPECT_FALSE(sessions[0].current);
  EXPECT_TRUE(sessions[1].current);
  security::Actor other;
  other.user_id = user.id;
  EXPECT_EQ(code_of([&] { accounts.end_own_session(other, sessions[0].id); }), ErrorCode::kObjectNotFound);
  accounts.end_own_session(actor, sessions[0].id);
  EXPECT_EQ(code_of([&] { accounts.by_session(first.token.reveal(), client); }), ErrorCode::kUnauthenticated);
  EXPECT_FALSE(verify_audit(*database).fault);
}

TEST_F(AccountsTest, ARotationBringsEverySecretUnderTheNewKey) {
  const security::SecretBox box(directory / "secret.key");
  const auto put = [&](const std::string& object) {
    database->write([&](store::Session& session) {
      const auto sealed = box.seal(Secret("pw"), {"default", object, "password"});
      store::Secrets(session).put({"default", object, "password", sealed, security::SecretBox::key_id_of(sealed), 1});
    });
  };
  for (int i = 0; i < 450; ++i) put("connection/" + std::to_string(i));
  const auto dry = rotate_keys(*database, box, "local", {.dry_run = true});
  EXPECT_EQ(dry.rewrapped, 450);
  EXPECT_EQ(box.ring()->ids().size(), 1U);
  const auto first = rotate_keys(*database, box, "local", {.remove_unused = true});
  EXPECT_EQ(first.rewrapped, 450);
  EXPECT_TRUE(first.removed_keys.empty());
  const auto second = rotate_keys(*database, box, "local", {.remove_unused = true});
  EXPECT_EQ(second.removed_keys, std::vector<std::string>{"1"});
  database->read([&](store::Session& session) {
    const auto stored = store::Secrets(session).find("default", "connection/449", "password");
    EXPECT_EQ(stored->key_id, second.current_id);
    EXPECT_EQ(box.open(stored->sealed, {"default", "connection/449", "password"}).reveal(), "pw");
  });
  EXPECT_FALSE(verify_audit(*database).fault);
}

class OidcTest : public AccountsTest {
 protected:
  OidcIdentity ann() const {
    OidcIdentity identity;
    identity.subject = "https://id.example|4711";
    identity.name = identity.email = "Ann@Example.org";
    identity.email_verified = identity.name_is_email = true;
    return identity;
  }
  ErrorCode refusal(const OidcIdentity& identity, const OidcPolicy& policy = {}) {
    return code_of([&] { accounts.sign_in_oidc(identity, policy, client); });
  }
};

TEST_F(OidcTest, TheVerifiedAddressLinksOnceAndTheSubjectForGood) {
  const auto user = accounts.create_user({}, "ann", {}, false, "ann@example.org");
  auto unverified = ann();
  unverified.email_verified = false;
  EXPECT_EQ(refusal(unverified), ErrorCode::kOidcUnknownUser);
  EXPECT_EQ(refusal(ann(), {.link_by_email = false}), ErrorCode::kOidcUnknownUser);
  EXPECT_EQ(accounts.sign_in_oidc(ann(), {}, client).user.id, user.id);
  EXPECT_EQ(accounts.sign_in_oidc(unverified, {.link_by_email = false}, client).user.id, user.id);
  auto other = ann();
  other.subject = "https://id.example|4712";
  EXPECT_EQ(refusal(other), ErrorCode::kOidcUnknownUser) << "the address was somebody else's before";
  accounts.disable_user({}, user.id, true);
  EXPECT_EQ(refusal(ann()), ErrorCode::kSignIn);
  EXPECT_FALSE(verify_audit(*database).fault);
}

TEST_F(OidcTest, AnAddressOfTwoUsersLinksNeither) {
  accounts.create_user({}, "ann", password, false, "ann@example.org");
  accounts.create_user({}, "bob", password, false, "ANN@example.org");
  EXPECT_EQ(refusal(ann()), ErrorCode::kOidcUnknownUser);
}

TEST_F(OidcTest, AnUnknownOneBecomesAUserByPolicyAlone) {
  const OidcPolicy policy{.create = true, .role = security::Role::kOperator};
  accounts.create_user({}, "admin", password, true);
  EXPECT_EQ(refusal(ann()), ErrorCode::kOidcUnknownUser);
  auto taken = ann();
  taken.name = "admin";
  taken.name_is_email = false;
  EXPECT_EQ(refusal(taken, policy), ErrorCode::kOidcUnknownUser) << "a name links nobody";
  auto unverified = ann();
  unverified.email_verified = false;
  EXPECT_EQ(refusal(unverified, policy), ErrorCode::kOidcUnknownUser);
  auto strange = ann();
  strange.name = "a b";
  EXPECT_EQ(refusal(strange, policy), ErrorCode::kOidcUnknownUser);
  const auto in = accounts.sign_in_oidc(ann(), policy, client);
  EXPECT_EQ(in.user.name, "ann@example.org");
  EXPECT_TRUE(in.user.password_hash.empty());
  EXPECT_EQ(accounts.by_session(in.token.reveal(), client).role, security::Role::kOperator);
  EXPECT_EQ(in.tenant, store::kDefaultTenant);
}

TEST_F(AccountsTest, AKeyHasARightOfTheServerOnlyByNameAndFromAnAdministrator) {
  const auto admin = accounts.create_user({}, "admin", password, true);
  const auto user =
      accounts.create_user({}, "user", password, false, "", {{store::kDefaultTenant, "", security::Role::kAdmin}});
  auto key = [&, number = 0](const store::UserRecord& owner, const std::vector<std::string>& scopes) mutable {
    store::ApiKeyRecord record;
    record.tenant = store::kDefaultTenant;
    record.user = owner.id;
    record.name = "scrape " + std::to_string(++number);
    record.role = security::Role::kViewer;
    record.scopes = scopes;
    return accounts.create_api_key({}, record).whole.reveal();
  };
  using security::Permission;
  const auto scraper = accounts.by_api_key(key(admin, {"metrics.read", "metrics.read-all"}), client);
  EXPECT_TRUE(security::allowed(scraper, Permission::kMetricsReadAll));
  EXPECT_FALSE(security::allowed(scraper, Permission::kUsersRead));
  EXPECT_FALSE(security::allowed(accounts.by_api_key(key(admin, {}), client), Permission::kMetricsReadAll));
  const auto wide = accounts.by_api_key(key(admin, {"metrics.read", "users.read"}), client);
  EXPECT_FALSE(security::allowed(wide, Permission::kUsersRead))
      << "of the server's rights a key can have this one alone";
  EXPECT_EQ(code_of([&] { key(user, {"metrics.read-all"}); }), ErrorCode::kForbidden);
}

}  // namespace
}  // namespace millrace::access
