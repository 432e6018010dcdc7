#include "access/rotate_keys.hpp"

#include <algorithm>

#include "store/audit_log.hpp"
#include "store/secrets.hpp"
#include "support/failpoint.hpp"
#include "support/unix_time.hpp"

namespace millrace::access {
namespace {

constexpr int kPortion = 200;

security::SecretPlace place_of(const store::SealedSecret& secret) {
  return {secret.tenant, secret.object, secret.field};
}

class Rotation {
 public:
  Rotation(store::Database& database, const security::SecretBox& box, const std::string& actor,
           const RotationOptions& options)
      : database_(database), box_(box), actor_(actor), options_(options) {}

  RotationReport run() {
    report_.before = counts();
    const auto old_ids = box_.ring()->ids();
    prove_that_all_open();
    if (options_.dry_run) {
      report_.current_id = box_.ring()->current_id();
      report_.new_key = makes_key();
      report_.rewrapped = would_rewrap();
      return report_;
    }
    if (makes_key()) {
      box_.ring()->with_new_key(box_.key_file());
      report_.new_key = true;
      hit(Failpoint::kRotateKeyMade);
    }
    report_.current_id = box_.ring()->current_id();
    rewrap_all();
    if (options_.remove_unused) remove_unused(old_ids);
    note();
    return report_;
  }

 private:
  bool makes_key() const { return options_.make_key && !box_.ring()->from_environment(); }

  std::map<std::string, std::int64_t> counts() {
    return database_.read([](store::Session& session) { return store::Secrets(session).count_by_key(); });
  }

  std::int64_t would_rewrap() const {
    std::int64_t sum = 0;
    for (const auto& [id, count] : report_.before) {
      if (makes_key() || id != report_.current_id) sum += count;
    }
    return sum;
  }

  /// Every secret, by portions: nothing is changed when one of them cannot be read.
  void prove_that_all_open() {
    std::optional<store::SealedSecret> last;
    for (;;) {
      const auto portion = database_.read(
          [&](store::Session& session) { return store::Secrets(session).not_under("", kPortion, last); });
      for (const auto& secret : portion) static_cast<void>(box_.open(secret.sealed, place_of(secret)));
      if (portion.size() < kPortion) return;
      last = portion.back();
    }
  }

  // Until none is left that is under another key: also those that were written meanwhile.
  void rewrap_all() {
    for (;;) {
      const auto done = database_.write([&](store::Session& session) {
        store::Secrets secrets(session);
        std::int64_t count = 0;
        for (auto& secret : secrets.not_under(report_.current_id, kPortion)) {
          const std::string old = secret.sealed;
          secret.sealed = box_.rewrap(old, place_of(secret));
          secret.key_id = report_.current_id;
          // One that was changed meanwhile comes again in the next portion, if it needs to.
          if (secrets.replace(secret, old)) ++count;
        }
        return count;
      });
      report_.rewrapped += done;
      hit(Failpoint::kRotatePortion);
      if (done == 0) return;
    }
  }

  /// A key that was current until now stays: a server that has not looked at the ring yet may seal with it still.
  void remove_unused(const std::vector<std::string>& old_ids) {
    const auto used = counts();
    const auto just_retired = report_.new_key ? previous_current_ : std::string();
    for (const auto& id : old_ids) {
      if (id == report_.current_id || id == just_retired || used.contains(id)) continue;
      box_.ring()->without(box_.key_file(), id);
      report_.removed_keys.push_back(id);
    }
  }

  void note() {
    database_.write([&](store::Session& session) {
      security::AuditRecord record;
      record.time_ms = unix_ms();
      record.actor = actor_;
      record.action = "secrets.rotate_key";
      record.object = "key/" + report_.current_id;
      record.outcome = "ok";
      record.details = "{\"rewrapped\":" + std::to_string(report_.rewrapped) + "}";
      store::AuditLog(session).append(std::move(record));
    });
  }

  store::Database& database_;
  const security::SecretBox& box_;
  const std::string& actor_;
  const RotationOptions& options_;
  const std::string previous_current_ = box_.ring()->current_id();
  RotationReport report_;
};

}  // namespace

RotationReport rotate_keys(store::Database& database, const security::SecretBox& box, const std::string& actor,
                           const RotationOptions& options) {
  return Rotation(database, box, actor, options).run();
}

}  // namespace millrace::access
