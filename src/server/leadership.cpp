#include "server/leadership.hpp"

#include "security/random.hpp"
#include "store/lease.hpp"

namespace millrace::server {
namespace {

constexpr const char* kLease = "supervisor";
constexpr std::chrono::seconds kLeaseTime{12};
constexpr std::chrono::seconds kRenewEvery{3};

}  // namespace

Leadership::Leadership(std::shared_ptr<store::Database> database)
    : database_(std::move(database)), holder_(security::new_id()) {}

Leadership::~Leadership() {
  if (!fence_) return;
  try {
    database_->write([&](store::Session& session) { store::Leases(session).release(kLease, holder_, *fence_); });
  } catch (const std::exception&) {
    // It runs out by itself.
  }
}

bool Leadership::keep() {
  if (database_->backend() == "sqlite") return true;
  // Of before the store is asked: by its clock the lease ends no sooner than this says.
  const auto now = std::chrono::steady_clock::now();
  if (fence_ && now - renewed_ < kRenewEvery) return true;
  try {
    fence_ = database_->write([&](store::Session& session) -> std::optional<std::int64_t> {
      store::Leases leases(session);
      if (fence_ && leases.renew(kLease, holder_, *fence_, kLeaseTime)) return fence_;
      return leases.acquire(kLease, holder_, kLeaseTime);
    });
    renewed_ = now;
  } catch (const Error&) {
    if (now - renewed_ >= kLeaseTime) fence_.reset();
  }
  return fence_.has_value();
}

}  // namespace millrace::server
