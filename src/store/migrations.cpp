#include "store/migrations.hpp"

#include <fmt/format.h>

#include <array>

#include "support/failpoint.hpp"

namespace millrace::store {
namespace {

struct Migration {
  const char* common;
  const char* sqlite = "";
  const char* postgres = "";
};

// Numbered by position, from 1.
constexpr std::array kMigrations = {
    Migration{
#include "store/migrations/0001_pipelines.inc"
    },
    Migration{
#include "store/migrations/0002_runs.inc"
    },
    Migration{
#include "store/migrations/0003_tenants_and_users.inc"
    },
    Migration{
#include "store/migrations/0004_objects_of_tenants.inc"
    },
    Migration{
#include "store/migrations/0005_history.inc"
    },
    Migration{
#include "store/migrations/0006_audit_and_leases.inc"
    },
    Migration{
#include "store/migrations/0007_alerts.inc"
    },
    Migration{
#include "store/migrations/0008_connections_of_pipelines.inc"
    },
    Migration{
#include "store/migrations/0009_firing_alerts.inc"
    },
    Migration{
#include "store/migrations/0010_pipelines_at_a_glance.inc"
    },
};

/// Works on the step that is missing; false when none is, by the look under the lock.
bool take_step(Backend& backend, int target) {
  backend.begin();
  try {
    backend.lock_schema();
    const int version = backend.schema_version();
    if (version > newest_schema_version()) {
      throw Error(ErrorCode::kStoreVersion, fmt::format("The store has schema version {}; this Millrace knows {}.",
                                                        version, newest_schema_version()));
    }
    if (version >= target) {
      backend.rollback();
      return false;
    }
    const auto& step = kMigrations.at(static_cast<std::size_t>(version));
    backend.script(backend.translated(step.common));
    if (const char* own = backend.is_sqlite() ? step.sqlite : step.postgres; *own != '\0') backend.script(own);
    hit(Failpoint::kMigrateStep);
    backend.set_schema_version(version + 1);
    hit(Failpoint::kMigrateNoted);
    backend.commit();
    return true;
  } catch (...) {
    backend.rollback();
    throw;
  }
}

}  // namespace

int newest_schema_version() {
  return static_cast<int>(kMigrations.size());
}

void migrate(Backend& backend, int target) {
  // The look without a lock keeps every later opening cheap.
  if (const int version = backend.schema_version(); version == target && version <= newest_schema_version()) return;
  while (take_step(backend, target)) {
  }
}

}  // namespace millrace::store
