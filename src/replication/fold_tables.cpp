#include "replication/fold_tables.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "replication/fold_change.hpp"
#include "replication/segment_rows.hpp"
#include "schema/names_equal.hpp"

namespace millrace::replication {
namespace {

using Kind = NetStatement::Kind;
/// Places in Segment::net.
using Parts = std::vector<std::size_t>;

void add_statements(std::vector<NetStatement>& order, const Parts& parts, std::initializer_list<Kind> kinds) {
  for (const auto part : parts) {
    for (const auto kind : kinds) order.push_back({kind, part});
  }
}

std::vector<NetStatement> net_order(const Parts& parents_first, FoldOrder order) {
  const Parts children_first(parents_first.rbegin(), parents_first.rend());
  std::vector<NetStatement> all;
  switch (order) {
    case FoldOrder::kDeletesFirst:
      add_statements(all, children_first, {Kind::kDelete});
      add_statements(all, parents_first, {Kind::kUpdate, Kind::kInsert});
      break;
    case FoldOrder::kDeletesLast:
      add_statements(all, parents_first, {Kind::kUpdate, Kind::kInsert});
      add_statements(all, children_first, {Kind::kDelete});
      break;
    case FoldOrder::kInsertsLast:
      add_statements(all, children_first, {Kind::kDelete, Kind::kUpdate});
      add_statements(all, parents_first, {Kind::kInsert});
      break;
  }
  return all;
}

std::string folded_name(const schema::TableName& name) {
  return schema::fold_case(schema::quote_mssql(name));
}

/// A table is there once for each shape that it had within the batch.
using ByName = std::map<std::string, std::set<Table>>;

/// Tables in the order in which a walk over the children leaves them, last first.
class Walk {
 public:
  Walk(const ByName& tables, const std::function<std::vector<schema::TableName>(const Table&)>& children)
      : tables_(tables), children_(children) {}

  void visit(const ByName::value_type& each) {
    if (!seen_.insert(each.first).second) return;
    for (const auto& child : children_(*each.second.begin())) {
      const auto known = tables_.find(folded_name(child));
      if (known != tables_.end()) visit(*known);
    }
    left_.insert(left_.end(), each.second.begin(), each.second.end());
  }

  std::vector<Table> parents_first() const { return {left_.rbegin(), left_.rend()}; }

 private:
  const ByName& tables_;
  const std::function<std::vector<schema::TableName>(const Table&)>& children_;
  std::set<std::string> seen_;
  std::vector<Table> left_;
};

}  // namespace

std::vector<Segment> transactions_of(const Segment& segment) {
  std::vector<Segment> parts;
  if (!segment.net.empty()) parts.push_back({.net = segment.net, .ordered = {}, .steps = {}});
  std::optional<std::uint32_t> transaction;
  for (const auto& change : segment.ordered) {
    if (transaction != change.transaction) parts.emplace_back();
    transaction = change.transaction;
    parts.back().ordered.push_back(change);
  }
  return parts;
}

std::optional<Segment> fold_tables(const Segment& transaction, const Batch& batch, RowStore& rows, FoldOrder order,
                                   const std::vector<Table>& parents_first) {
  if (transaction.ordered.size() < 2) return std::nullopt;
  Segment folded;
  const auto here = ordered_tables(transaction);
  std::map<Table, std::size_t> places;
  Parts parts;
  for (const auto& table : parents_first) {
    if (!here.contains(table)) continue;
    places[table] = folded.net.size();
    parts.push_back(folded.net.size());
    folded.net.push_back(folded_table(table, rows));
  }
  for (const auto& change : transaction.ordered) {
    const auto place = places.find(change.table);
    if (place == places.end()) {
      folded.ordered.push_back(change);
    } else {
      fold_change(folded.net[place->second], batch, change);
    }
  }
  folded.net_order = net_order(parts, order);
  return folded;
}

std::vector<Table> parents_first(const Batch& batch,
                                 const std::function<std::vector<schema::TableName>(const Table&)>& children) {
  ByName tables;
  for (const auto& segment : batch.segments) {
    for (const auto& table : ordered_tables(segment)) {
      if (!table->keyless()) tables[folded_name(table->target())].insert(table);
    }
  }
  Walk walk(tables, children);
  for (const auto& each : tables) walk.visit(each);
  return walk.parents_first();
}

}  // namespace millrace::replication
