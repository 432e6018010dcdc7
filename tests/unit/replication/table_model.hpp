#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "replication/net_changes.hpp"
#include "tuples.hpp"

// A source table and its copy, for tests that let chance choose the changes.
namespace millrace::replication {

using Values = std::vector<std::string>;  ///< key1, key2, then the other columns; the last may be TOASTed

/// A copy of a table with a unique key, changed by whole statements as SQL Server would: a statement sees the rows as
/// they were before it, and the key is unique when it ends.
class CopyModel {
 public:
  explicit CopyModel(std::size_t key_columns) : key_columns_(key_columns) {}

  /// The statements of a batch in the order of NetOp; `at_once`: all updates are one. Faults are returned: a row that
  /// is not there, a key twice.
  std::string apply(const NetChanges& changes, bool at_once = false) {
    // Views of a change live during the visit only.
    struct Change {
      NetOp op;
      Values old_key;
      std::vector<std::pair<bool, std::string>> row;  ///< sent?, value
    };
    std::vector<Change> all;
    changes.for_each([&](const NetChange& change) {
      Change own{change.op, {}, {}};
      for (const auto& each : change.old_key) own.old_key.emplace_back(each.value);
      for (const auto& each : change.row) {
        own.row.emplace_back(each.kind != pgoutput::FieldKind::kUnchanged, std::string(each.value));
      }
      all.push_back(std::move(own));
    });
    for (const auto& change : all) {
      if (change.op != NetOp::kDelete && change.op != NetOp::kReplace) continue;
      if (rows_.erase(change.old_key) != 1) return "DELETE: no row " + change.old_key.at(0);
    }
    using Ops = std::set<NetOp>;
    const auto updates =
        at_once ? std::vector<Ops>{{NetOp::kMove, NetOp::kUpdate}} : std::vector<Ops>{{NetOp::kMove}, {NetOp::kUpdate}};
    for (const auto& ops : updates) {
      auto after = rows_;
      std::vector<Values> updated;
      for (const auto& change : all) {
        if (!ops.contains(change.op)) continue;
        const auto found = rows_.find(change.old_key);
        if (found == rows_.end()) return "UPDATE: no row " + change.old_key.at(0);
        if (after.erase(change.old_key) != 1) return "UPDATE: a row twice";
        Values row = found->second;
        for (std::size_t i = 0; i < row.size(); ++i) {
          if (change.row.at(i).first) row[i] = change.row[i].second;
        }
        updated.push_back(row);
      }
      for (const auto& row : updated) {
        if (!after.emplace(key_of(row), row).second) return "UPDATE: key twice: " + row.at(0);
      }
      rows_ = std::move(after);
    }
    for (const auto& change : all) {
      if (change.op != NetOp::kInsert && change.op != NetOp::kReplace) continue;
      Values row;
      for (const auto& [sent, value] : change.row) {
        if (!sent) return "INSERT: a value is not known";
        row.push_back(value);
      }
      if (!rows_.emplace(key_of(row), row).second) return "INSERT: key twice: " + row.at(0);
    }
    return {};
  }

  Values key_of(const Values& row) const {
    return {row.begin(), row.begin() + static_cast<std::ptrdiff_t>(key_columns_)};
  }
  std::vector<Values> rows() const {
    std::vector<Values> all;
    for (const auto& [key, row] : rows_) all.push_back(row);
    return all;
  }

 private:
  std::size_t key_columns_;
  std::map<Values, Values> rows_;
};

}  // namespace millrace::replication
