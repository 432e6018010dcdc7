#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "manager/registry.hpp"

namespace millrace::manager {

/// Something on a server that bears Millrace's names and that no pipeline owns: what a delete could not reach, or a
/// store that was lost leaves behind. A slot keeps WAL until the disk is full.
struct Orphan {
  enum class Kind { kSlot, kPublication, kConnector } kind = Kind::kSlot;
  std::string name;
  std::string place;             ///< URL of the server, without password
  std::optional<bool> active{};  ///< of a slot: somebody reads it, so it cannot be removed
  std::optional<std::int64_t> retained_bytes{};
  std::string note{};  ///< why it is taken for Millrace's
};

struct OrphanSearch {
  std::vector<Orphan> orphans;
  std::vector<std::string> warnings;  ///< servers that could not be asked
};

/// Slots, publications and connectors on the servers of one tenant's pipelines. What any pipeline of the store may own
/// by its name is left out, whoever's it is; so is what merely looks like it: a slot counts only when it is pgoutput's,
/// lasting, and either bears a derived name (p_x_to_y_slot), or has its publication beside it (a_slot, a_pub), or the
/// name of a pipeline that there was (`former`); a connector only when its topics are named after it. Another store's
/// pipelines cannot be told from orphans: look at `active` before removing. Changes nothing; asks one server after the
/// other.
OrphanSearch find_orphans(const Workspace& workspace, const std::set<std::string>& former,
                          const std::stop_token& stop = {});

/// Looks again and removes it; what was removed, as words. Throws Error kObjectNotFound when it is none any more,
/// kSlotInUse, and as the servers do.
std::vector<std::string> remove_orphan(const Workspace& workspace, const std::set<std::string>& former,
                                       const Orphan& orphan, const std::stop_token& stop = {});

// What decides, without a server.

/// Names that the pipelines of the whole store may own.
struct OwnedNames {
  std::set<std::string> slots;
  std::set<std::string> publications;
  std::set<std::string> connectors;
};
/// "p_a_to_b_slot" and the like; `suffix` is "_slot" or "_pub".
bool is_derived_name(const std::string& name, const std::string& suffix);
/// The name without the suffix; empty when it has another end.
std::string stem_of(const std::string& name, const std::string& suffix);

}  // namespace millrace::manager
