#include <algorithm>

#include "access/accounts_impl.hpp"
#include "security/random.hpp"
#include "store/outcome.hpp"
#include "store/tenants.hpp"
#include "support/utf16.hpp"

namespace millrace::access {
namespace {

/// Names are for people: spaces may be in them, but not around them.
void check_tenant_name(const std::string& name) {
  const bool fits = !name.empty() && characters(name) <= kLongestName && name.front() != ' ' && name.back() != ' ' &&
                    std::all_of(name.begin(), name.end(), [](unsigned char c) { return c >= ' ' && c != 0x7F; });
  if (!fits) {
    throw Error(ErrorCode::kUsage,
                "A tenant's name is 1 to 100 characters without control characters and without spaces around it.",
                {.field = "name"});
  }
}

store::TenantRecord require_tenant(store::Session& session, const std::string& id) {
  const auto record = store::Tenants(session).find(id);
  if (!record) throw store::not_found("tenant");
  return *record;
}

}  // namespace

store::TenantRecord Accounts::create_tenant(const security::Actor& actor, const std::string& name) {
  check_tenant_name(name);
  const store::TenantRecord record{security::new_id(), name, impl_->now()};
  impl_->database->write([&](store::Session& session) {
    store::Tenants(session).insert(record);
    impl_->audit(session, actor, "tenant.create", "tenant/" + record.id, "ok");
  });
  return record;
}

store::TenantRecord Accounts::rename_tenant(const security::Actor& actor, const std::string& tenant,
                                            const std::string& name, std::optional<std::int64_t> revision) {
  check_tenant_name(name);
  return impl_->database->write([&](store::Session& session) {
    store::Tenants(session).rename(tenant, name, revision);
    impl_->audit(session, actor, "tenant.rename", "tenant/" + tenant, "ok");
    return require_tenant(session, tenant);
  });
}

void Accounts::remove_tenant(const security::Actor& actor, const std::string& tenant,
                             std::optional<std::int64_t> revision) {
  impl_->database->write([&](store::Session& session) {
    impl_->audit(session, actor, "tenant.remove", "tenant/" + tenant, "ok");
    store::require_revision(require_tenant(session, tenant).revision, revision, "tenant");
    store::Tenants(session).remove(tenant);
  });
}

}  // namespace millrace::access
