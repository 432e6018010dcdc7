#include "preflight/failover_checks.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace millrace::preflight {
namespace {

constexpr int kFirstWithFailover = 170000;
constexpr const char* kStandbySettings =
    "On the standby: sync_replication_slots = on, hot_standby_feedback = on, primary_slot_name = its slot here, and "
    "dbname=.. in primary_conninfo.";

class FailoverChecks {
 public:
  explicit FailoverChecks(const SourceCheckInput& input)
      : input_(input), server_(input.server), failover_(input.server.failover) {}

  Findings run() {
    if (!input_.slot_failover) {
      tell_of_standbys();
      return std::move(findings_);
    }
    if (server_.version_num < kFirstWithFailover) {
      add("source.failover", Severity::kError, "",
          "PostgreSQL " + server_.version + " has no failover slots: they came with version 17",
          "Leave --slot-failover out, or upgrade the source.");
      return std::move(findings_);
    }
    check_existing_slot();
    check_standbys();
    check_order();
    check_way_back();
    return std::move(findings_);
  }

 private:
  void add(std::string id, Severity severity, std::string object, std::string found, std::string fix = {}) {
    findings_.push_back({std::move(id), severity, std::move(object), std::move(found), std::move(fix)});
  }

  void tell_of_standbys() {
    if (!failover_.standby_synchronizes) return;
    const auto* slot = find_slot(input_.slot);
    if (slot != nullptr && slot->failover) return;
    add("source.failover", Severity::kWarning, input_.slot,
        "a standby synchronizes slots, and this pipeline's slot is not made for it: after a failover its tables have "
        "to "
        "be loaded anew",
        "Use --slot-failover.");
  }

  const postgres::SlotFacts* find_slot(const std::string& name) const {
    const auto found =
        std::find_if(server_.slots.begin(), server_.slots.end(), [&](const auto& slot) { return slot.name == name; });
    return found == server_.slots.end() ? nullptr : &*found;
  }

  void check_existing_slot() {
    const auto* slot = find_slot(input_.slot);
    if (slot == nullptr || slot->failover) return;
    add("source.failover", Severity::kError, input_.slot, "a slot of this name exists and was made without failover",
        "Choose another name with --slot, leave --slot-failover out, or: SELECT pg_drop_replication_slot(" +
            schema::quote_pg_literal(input_.slot) + ");");
  }

  /// The slots by which standbys are connected at this moment.
  std::vector<const postgres::SlotFacts*> standbys() const {
    std::vector<const postgres::SlotFacts*> found;
    for (const auto& slot : server_.slots) {
      if (slot.type == "physical" && slot.active) found.push_back(&slot);
    }
    return found;
  }

  void check_standbys() {
    if (standbys().empty()) {
      return add("source.failover_standby", Severity::kWarning, "",
                 "no standby is connected by a slot of its own: nobody takes the pipeline's slot over",
                 kStandbySettings);
    }
    if (failover_.standby_synchronizes) {
      add("source.failover_standby", Severity::kOk, "", "a standby synchronizes slots");
    } else {
      add("source.failover_standby", Severity::kWarning, "", "a standby is connected, but none synchronizes slots",
          kStandbySettings);
    }
    for (const auto* slot : standbys()) {
      if (slot->holds_xmin) continue;
      add("source.failover_feedback", Severity::kWarning, slot->name,
          "the standby that uses this slot sends no feedback: vacuum can remove what its copy of the pipeline's slot "
          "needs, and the copy is lost",
          "On the standby: hot_standby_feedback = on.");
    }
  }

  /// The copy must not run ahead of the standby that takes over: then the new primary would not have what it holds.
  void check_order() {
    if (failover_.synchronized_standby_slots.empty()) {
      std::vector<std::string> names;
      for (const auto* slot : standbys()) names.push_back(slot->name);
      return add("source.failover_order", Severity::kWarning, "",
                 "synchronized_standby_slots is empty: changes can reach the copy before the standby, which lacks them "
                 "after a failover",
                 fmt::format("ALTER SYSTEM SET synchronized_standby_slots = {};\nSELECT pg_reload_conf();",
                             schema::quote_pg_literal(names.empty() ? std::string("<slot of the standby>")
                                                                    : fmt::format("{}", fmt::join(names, ", ")))));
    }
    for (const auto& name : failover_.synchronized_standby_slots) {
      const auto* slot = find_slot(name);
      if (slot != nullptr && slot->type == "physical" && slot->active) continue;
      add("source.failover_order", Severity::kWarning, name,
          slot == nullptr ? "synchronized_standby_slots names a slot that does not exist: no change reaches the copy"
                          : "synchronized_standby_slots names a slot that no standby uses: changes are held back until "
                            "one does",
          "Start the standby, or take the name out of synchronized_standby_slots.");
    }
  }

  /// This server's own settings matter when it comes back as the standby.
  void check_way_back() {
    std::vector<std::string> missing;
    if (!failover_.sync_replication_slots) missing.emplace_back("sync_replication_slots is off");
    if (!failover_.hot_standby_feedback) missing.emplace_back("hot_standby_feedback is off");
    if (failover_.conninfo_names_database == false) missing.emplace_back("primary_conninfo names no dbname");
    if (missing.empty()) return;
    add("source.failover_way_back", Severity::kInfo, "",
        fmt::format("{}: as it is, this server would not take slots over when it becomes a standby itself",
                    fmt::join(missing, ", ")),
        "ALTER SYSTEM SET sync_replication_slots = on;\nALTER SYSTEM SET hot_standby_feedback = on;\nand dbname=.. in "
        "primary_conninfo");
  }

  const SourceCheckInput& input_;
  const postgres::ServerFacts& server_;
  const postgres::FailoverFacts& failover_;
  Findings findings_;
};

}  // namespace

Findings check_failover(const SourceCheckInput& input) {
  return FailoverChecks(input).run();
}

}  // namespace millrace::preflight
