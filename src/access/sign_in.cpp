#include <algorithm>
#include <array>
#include <utility>

#include "access/accounts_impl.hpp"
#include "store/outcome.hpp"
#include "store/tenants.hpp"

namespace millrace::access {
namespace {

constexpr const char* kAccount = "account";
constexpr const char* kAddress = "address";
constexpr std::size_t kLongestSubject = 200;

Error refused() {
  return Error(ErrorCode::kSignIn, "Name or password is not right.");
}

/// A name as it is counted and written down: in lower case like stored ones, cut, without control characters, since
/// anybody may send anything.
std::string subject_of(const std::string& name) {
  std::string subject = name.substr(0, kLongestSubject);
  for (char& c : subject) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7F) c = '?';
  }
  return subject;
}

}  // namespace

security::Actor Accounts::Impl::named(const std::string& name, const Client& client) {
  security::Actor actor;
  actor.user_name = subject_of(name);
  actor.address = client.address;
  return actor;
}

store::UserRecord Accounts::Impl::check_password(const std::string& name, const Secret& password, const Client& client,
                                                 const std::string& action) const {
  const std::string account = subject_of(name);
  const std::array subjects = {std::pair{kAccount, account}, std::pair{kAddress, client.address}};
  const auto wait = database->read([&](store::Session& session) {
    store::LoginThrottle throttle(session);
    auto longest = std::chrono::milliseconds(0);
    for (const auto& [kind, subject] : subjects) {
      longest = std::max(longest, security::wait_of(throttle.read(kind, subject), now()));
    }
    return longest;
  });
  if (wait.count() > 0) {
    const auto seconds = (wait.count() + 999) / 1000;
    throw Error(ErrorCode::kThrottled,
                "Too many sign-ins failed: try again in " + std::to_string(seconds) + " seconds.");
  }
  const auto user = database->read([&](store::Session& session) { return store::Users(session).find_by_name(name); });
  // An unknown user, one without password and a disabled one cost the same as a wrong password.
  bool right = false;
  if (user && !user->password_hash.empty()) {
    right = security::verify_password(user->password_hash, password);
  } else {
    security::verify_nobody(password, settings.cost);
  }
  if (right && !user->disabled) return *user;
  database->write([&](store::Session& session) {
    store::LoginThrottle throttle(session);
    throttle.write(kAccount, account,
                   security::after_failure(throttle.read(kAccount, account), security::kAccountThrottle, now()));
    if (!client.address.empty()) {
      throttle.write(
          kAddress, client.address,
          security::after_failure(throttle.read(kAddress, client.address), security::kAddressThrottle, now()));
    }
    audit(session, named(name, client), action, "", "denied");
  });
  throw refused();
}

SignedIn Accounts::Impl::begin_session(const store::UserRecord& user, const Client& client,
                                       const std::string& old_token, const std::string& action) const {
  SignedIn signed_in{security::new_session_token(), {}, user, {}};
  signed_in.csrf = security::csrf_token(signed_in.token.reveal());
  database->write([&](store::Session& session) {
    store::Sessions sessions(session);
    if (!old_token.empty()) sessions.remove(security::session_hash(old_token));
    const auto memberships = store::Memberships(session).of_user(user.id);
    if (!memberships.empty()) {
      signed_in.tenant = memberships.front().tenant;
    } else {
      signed_in.tenant = user.server_admin ? store::kDefaultTenant : "";
    }
    store::SessionRecord record{
        .token_hash = security::session_hash(signed_in.token.reveal()), .user = user.id, .tenant = signed_in.tenant};
    record.created_ms = record.seen_ms = now();
    record.expires_ms = now() + settings.sessions.absolute.count();
    record.address = client.address;
    record.agent = client.agent;
    sessions.insert(record);
    store::LoginThrottle(session).clear(kAccount, subject_of(user.name));
    audit(session, named(user.name, client), action, "user/" + user.id, "ok");
  });
  return signed_in;
}

SignedIn Accounts::sign_in(const std::string& name, const Secret& password, const Client& client,
                           const std::string& old_token) {
  auto user = impl_->check_password(name, password, client, "session.sign_in");
  if (security::needs_rehash(user.password_hash, impl_->settings.cost)) {
    const auto hash = security::hash_password(password, impl_->settings.cost);
    impl_->database->write(
        [&](store::Session& session) { store::Users(session).set_password(user.id, hash, impl_->now(), true); });
  }
  return impl_->begin_session(user, client, old_token, "session.sign_in");
}

void Accounts::change_own_password(const security::Actor& actor, const Secret& old_password, const Secret& new_password,
                                   const std::string& keep_token) {
  const auto user = impl_->require_user(actor.user_id);
  impl_->check_password(user.name, old_password, {.address = actor.address}, "user.change_password");
  set_password(actor, user.id, new_password, keep_token);
}

}  // namespace millrace::access
