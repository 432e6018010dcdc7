#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "binding_fixture.hpp"
#include "replication/schema_diff.hpp"
#include "replication/table_catalog.hpp"

// Source tables that change their shape, without a server.
namespace millrace::replication {

struct Wire {
  std::string name;
  std::uint32_t oid = 25;
  int modifier = -1;
  bool key = false;
};

/// A Relation message; its views live as long as `columns`.
inline pgoutput::Relation relation(const std::vector<Wire>& columns, char identity = 'd') {
  pgoutput::Relation made;
  made.id = {16384};
  made.schema = "public";
  made.name = "orders";
  made.replica_identity = identity;
  for (const auto& each : columns) made.columns.push_back({each.key, each.name, {each.oid}, each.modifier});
  return made;
}

inline LiveColumn live(int attnum, const std::string& name, std::uint32_t oid = 25, int modifier = -1,
                       bool not_null = false) {
  return {.attnum = attnum, .name = name, .type = {oid}, .modifier = modifier, .not_null = not_null};
}

/// public.orders (id int primary key, note text, size int, [gap where 4 was], secret text: left out, part varchar(20)
/// NOT NULL)
inline TableShape orders_shape() {
  return bind(source_table(
                  "orders",
                  {column(1, "id", "int4", 23, true), column(2, "note", "text", 25), column(3, "size", "int4", 23),
                   column(5, "secret", "text", 25), column(6, "part", "varchar", 1043, true, 20)},
                  {"id"}),
              ApplyMode::kNet, {.exclude_columns = {"secret"}})
      ->shape();
}

const Wire kId{"id", 23, -1, true};
const Wire kNote{"note", 25};
const Wire kSize{"size", 23};
const Wire kSecret{"secret", 25};
const Wire kPart{"part", 1043, 24};

inline std::vector<LiveColumn> orders_live() {
  return {live(1, "id", 23, -1, true), live(2, "note"), live(3, "size", 23), live(5, "secret"),
          live(6, "part", 1043, 24, true)};
}

/// A catalog that answers what the test put in.
class FakeCatalog : public TableCatalog {
 public:
  std::vector<LiveColumn> columns(Oid) override {
    ++asked;
    return now;
  }
  std::optional<ColumnDetail> describe(Oid, int attnum) override {
    const auto found = details.find(attnum);
    return found == details.end() ? std::nullopt : std::optional(found->second);
  }

  std::map<std::uint32_t, FileNumbers> file_numbers(const std::vector<Oid>& relations) override {
    std::map<std::uint32_t, FileNumbers> all;
    for (const auto relation : relations) all[relation.value] = table_files.numbers;
    return all;
  }
  TableFiles files(Oid) override { return table_files; }
  std::vector<std::string> attached_with_rows(Oid, const std::vector<std::uint32_t>& leaves) override {
    std::vector<std::string> names;
    for (const auto leaf : leaves) {
      if (filled.contains(leaf)) names.push_back(table_files.partitions.at(leaf).name);
    }
    return names;
  }
  std::map<std::uint32_t, schema::TableName> names(const std::vector<Oid>& relations) override {
    std::map<std::uint32_t, schema::TableName> found;
    for (const auto relation : relations) {
      if (const auto known = live_names.find(relation.value); known != live_names.end()) found.insert(*known);
    }
    return found;
  }

  std::vector<LiveColumn> now;
  std::map<std::uint32_t, schema::TableName> live_names;
  TableFiles table_files;
  std::set<std::uint32_t> filled;  ///< leaves that were attached with rows
  std::map<int, ColumnDetail> details;
  int asked = 0;
};

}  // namespace millrace::replication
