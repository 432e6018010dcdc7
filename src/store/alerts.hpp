#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/page.hpp"
#include "store/sql.hpp"

namespace millrace::store {

/// Where alerts of a tenant go. Its secret is in store::Secrets under "alert/<id>".
struct AlertChannelRecord {
  std::string id;                  ///< security::new_id()
  std::string tenant;              ///< id
  std::string name;                ///< unique in the tenant
  std::string kind;                ///< "webhook" | "email"
  std::string settings;            ///< JSON without secrets
  std::string last_delivery = {};  ///< JSON of the newest delivery's outcome, or empty
  std::int64_t created_ms = 0;
};

class AlertChannels {
 public:
  explicit AlertChannels(Session& session) : session_(session) {}

  /// Throws Error kObjectExists when the name is taken in the tenant.
  void insert(const AlertChannelRecord& channel);
  /// With its secret and what waits to be sent. Throws Error kObjectNotFound.
  void remove(const std::string& tenant, const std::string& id);
  void note_delivery(const std::string& tenant, const std::string& id, const std::string& last_delivery);
  std::optional<AlertChannelRecord> find(const std::string& tenant, const std::string& id);
  std::vector<AlertChannelRecord> all(const std::string& tenant);
  /// By name.
  PageOf<AlertChannelRecord> list(const std::string& tenant, const PageRequest& request);

 private:
  Session& session_;
};

/// What a tenant wants to be told; settings are JSON. A rule that was never set has no row.
class AlertRules {
 public:
  explicit AlertRules(Session& session) : session_(session) {}

  void put(const std::string& tenant, const std::string& rule, const std::string& settings);
  std::optional<std::string> find(const std::string& tenant, const std::string& rule);

 private:
  Session& session_;
};

/// An alert on its way to one channel.
struct OutboxRecord {
  std::string id;  ///< security::new_id()
  std::string tenant;
  std::string channel;  ///< id
  std::string message;  ///< JSON
  int attempts = 0;
  std::int64_t next_ms = 0;  ///< when it is tried next
  std::int64_t created_ms = 0;
};

/// Alerts that are to be sent, written in the transaction of the event that they tell of: none is lost with a process.
class AlertOutbox {
 public:
  explicit AlertOutbox(Session& session) : session_(session) {}

  void insert(const OutboxRecord& record);
  /// Due ones, oldest first.
  std::vector<OutboxRecord> due(std::int64_t now_ms, int limit);
  /// Takes one for an attempt: it is tried again at `next_ms` unless it is removed. False: another server took it.
  bool claim(const OutboxRecord& record, std::int64_t next_ms);
  void remove(const std::string& id);

 private:
  Session& session_;
};

}  // namespace millrace::store
