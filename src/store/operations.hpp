#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "store/page.hpp"
#include "store/sql.hpp"

namespace millrace::store {

/// Long work that a client follows.
struct OperationRecord {
  std::string id;                 ///< security::new_id()
  std::string tenant;             ///< id
  std::string kind;               ///< "pipeline.create", "pipeline.verify", ..
  std::string target = {};        ///< the object it is about
  std::string state = "running";  ///< running | succeeded | failed | cancelled
  std::string actor = {};
  std::string process = {};   ///< who does the work; see abandon()
  std::string progress = {};  ///< JSON, or empty
  std::string result = {};    ///< JSON, or empty
  std::string error = {};     ///< JSON, or empty
  bool cancel_requested = false;
  std::int64_t created_ms = 0;
  std::int64_t updated_ms = 0;
  std::optional<std::int64_t> ended_ms = {};
};

class Operations {
 public:
  explicit Operations(Session& session) : session_(session) {}

  void insert(const OperationRecord& operation);
  void note_progress(const std::string& id, const std::string& progress, std::int64_t now_ms);
  /// Ends a running one; false: it had ended already. `state` succeeded, failed or cancelled.
  bool finish(const std::string& id, const std::string& state, const std::string& result, const std::string& error,
              std::int64_t now_ms);
  /// False: there is no running one of this id in the tenant.
  bool request_cancel(const std::string& tenant, const std::string& id, std::int64_t now_ms);
  bool cancel_requested(const std::string& id);
  std::optional<OperationRecord> find(const std::string& tenant, const std::string& id);
  /// Newest first.
  PageOf<OperationRecord> list(const std::string& tenant, const PageRequest& request, const std::string& target = {});
  /// Fails all running ones of a process that is gone: after a restart. The number of them.
  std::int64_t abandon(const std::string& process, const std::string& error, std::int64_t now_ms);
  std::int64_t purge(std::int64_t ended_before_ms);

 private:
  Session& session_;
};

}  // namespace millrace::store
