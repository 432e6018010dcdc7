#include "access/accounts_impl.hpp"

#include "store/outcome.hpp"
#include "support/unix_time.hpp"

namespace millrace::access {

Accounts::Impl::Impl(std::shared_ptr<store::Database> store, Settings how)
    : database(std::move(store)), settings(std::move(how)) {}

std::int64_t Accounts::Impl::now() const {
  return settings.now_ms ? settings.now_ms() : unix_ms();
}

bool Accounts::Impl::any_user() const {
  return database->read([](store::Session& session) { return !store::Users(session).list({.size = 1}).items.empty(); });
}

store::UserRecord Accounts::Impl::require_user(const std::string& id) const {
  const auto user = database->read([&](store::Session& session) { return store::Users(session).find(id); });
  if (!user) throw store::not_found("user");
  return *user;
}

void Accounts::Impl::audit(store::Session& session, const security::Actor& actor, const std::string& action,
                           const std::string& object, const std::string& outcome, const std::string& address,
                           const std::string& details) const {
  audit_in(session, "", actor, action, object, outcome, address, details);
}

void Accounts::Impl::audit_in(store::Session& session, const std::string& tenant, const security::Actor& actor,
                              const std::string& action, const std::string& object, const std::string& outcome,
                              const std::string& address, const std::string& details) const {
  security::AuditRecord record;
  record.time_ms = now();
  record.tenant = tenant;
  record.actor = actor.label();
  record.action = action;
  record.object = object;
  record.outcome = outcome;
  record.address = address.empty() ? actor.address : address;
  record.details = details;
  store::AuditLog(session).append(std::move(record));
}

void Accounts::Impl::put_member(store::Session& session, const security::Actor& actor,
                                const store::Membership& membership) const {
  store::Memberships(session).put(membership);
  audit_in(session, membership.tenant, actor, "member.put", "user/" + membership.user, "ok", "",
           R"({"role":")" + std::string(security::to_word(membership.role)) + "\"}");
}

}  // namespace millrace::access
