#include <algorithm>
#include <optional>

#include "access/accounts_impl.hpp"
#include "security/random.hpp"
#include "support/error.hpp"

namespace millrace::access {
namespace {

constexpr const char* kAction = "session.sign_in_oidc";

bool is_name(const std::string& name) {
  return !name.empty() && name.size() <= kLongestName &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) { return c > ' ' && c != 0x7F && c != ':'; });
}

/// The one user whose address it is, if the provider has verified it. Addresses of users are set by server
/// administrators alone.
std::optional<store::UserRecord> user_of_email(store::Session& session, const OidcIdentity& identity) {
  if (!identity.email_verified || identity.email.empty()) return std::nullopt;
  auto found = store::Users(session).find_by_email(identity.email);
  // Who is linked already is somebody else to the provider.
  if (found.size() != 1 || !found.front().oidc_subject.empty()) return std::nullopt;
  return std::move(found.front());
}

}  // namespace

SignedIn Accounts::sign_in_oidc(const OidcIdentity& identity, const OidcPolicy& policy, const Client& client,
                                const std::string& old_token) {
  const auto actor = Impl::named("oidc:" + identity.subject, client);
  const auto link = [&](store::Session& session) {
    auto user = user_of_email(session, identity);
    if (!user || user->disabled) return user;
    user->oidc_subject = identity.subject;
    user->updated_ms = impl_->now();
    store::Users(session).update(*user, user->revision);
    impl_->audit(session, actor, "user.link_oidc", "user/" + user->id, "ok", client.address);
    return user;
  };
  const auto create = [&](store::Session& session) -> std::optional<store::UserRecord> {
    const bool proven = identity.email_verified || !identity.name_is_email;
    store::Users users(session);
    if (!proven || !is_name(identity.name) || users.find_by_name(identity.name)) return std::nullopt;
    store::UserRecord user{.id = security::new_id(),
                           .name = identity.name,
                           .email = identity.email_verified ? identity.email : "",
                           .password_hash = {},
                           .oidc_subject = identity.subject};
    user.created_ms = impl_->now();
    users.insert(user);
    store::Membership membership;
    membership.tenant = policy.tenant;
    membership.user = user.id;
    membership.role = policy.role;
    impl_->put_member(session, actor, membership);
    impl_->audit(session, actor, "user.create", "user/" + user.id, "ok", client.address, R"({"oidc":true})");
    return users.find(user.id);
  };
  const auto known_or_made = [&] {
    return impl_->database->write([&](store::Session& session) {
      auto known = store::Users(session).find_by_subject(identity.subject);
      if (!known && policy.link_by_email) known = link(session);
      if (!known && policy.create) known = create(session);
      return known;
    });
  };
  const auto user = [&] {
    try {
      return known_or_made();
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kObjectExists && error.code() != ErrorCode::kObjectChanged) throw;
      // Two first sign-ins of one person met: the other one has linked or made the user, who is known by now.
      return known_or_made();
    }
  }();
  if (user && !user->disabled) return impl_->begin_session(*user, client, old_token, kAction);
  impl_->database->write([&](store::Session& session) {
    impl_->audit(session, actor, kAction, user ? "user/" + user->id : "", "denied", client.address);
  });
  if (user) throw Error(ErrorCode::kSignIn, "The user may not sign in.");
  throw Error(ErrorCode::kOidcUnknownUser, "No user of Millrace belongs to this identity.");
}

void Accounts::note_failed_oidc(const std::string& reason, const Client& client) {
  impl_->database->write([&](store::Session& session) {
    impl_->audit(session, Impl::named("oidc", client), kAction, "", "denied", client.address,
                 R"({"reason":")" + reason + "\"}");
  });
}

}  // namespace millrace::access
