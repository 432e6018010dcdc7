#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/page.hpp"
#include "store/sql.hpp"

namespace millrace::store {

/// Something that happened to a pipeline: shown to people, sent to alerts and live views.
struct EventRecord {
  std::int64_t id = 0;  ///< goes up by one with every event of the store, in the order of commits
  std::string tenant;   ///< id
  std::string pipeline = {};
  std::string kind;                ///< "state", "ddl", "error", "retry", "slot", "verify", ..
  std::string severity = "info";   ///< info | warning | error
  std::string actor = "millrace";  ///< user name, key id, or "millrace"
  std::string message;
  std::string details = {};  ///< JSON, or empty
  std::int64_t time_ms = 0;
};

class Events {
 public:
  explicit Events(Session& session) : session_(session) {}

  /// Gives the id. Locks the counter until the transaction ends, so that no reader can pass over an id that is
  /// committed later: append last.
  std::int64_t append(const EventRecord& event);

  struct Filter {
    std::string pipeline = {};
    std::string kind = {};  ///< a kind, or a family of kinds: "run" is also "run.failed"
    std::string severity = {};
    std::optional<std::int64_t> from_ms = {};
    std::optional<std::int64_t> to_ms = {};
  };
  /// Newest first.
  PageOf<EventRecord> list(const std::string& tenant, const Filter& filter, const PageRequest& request);
  /// Of all tenants, oldest first, with an id above `after`: for the live feed, which filters by tenant itself.
  std::vector<EventRecord> after(std::int64_t after, int limit);
  std::int64_t last_id();
  /// Forgets what is older; at most `limit` rows at a time. The number forgotten.
  std::int64_t purge(std::int64_t before_ms, int limit = 5000);

 private:
  Session& session_;
};

}  // namespace millrace::store
