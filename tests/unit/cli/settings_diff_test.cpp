#include "cli/settings_diff.hpp"

#include <gmock/gmock.h>

#include "cli/settings_document.hpp"
#include "cli/yaml_document.hpp"
#include "manager/change_settings.hpp"
#include "pipeline/spec_json.hpp"

namespace millrace::cli {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;

pipeline::PipelineSpec live(pipeline::EngineKind engine = pipeline::EngineKind::kEmbedded) {
  pipeline::PipelineSpec spec;
  spec.name = "SHOP";
  spec.engine = engine;
  spec.source = {.host = "pg", .database = "shop", .user = "u"};
  spec.target = {.host = "sql", .database = "copy", .user = "t"};
  spec.tables = {"public.orders", "public.lines", "sales.a"};
  if (engine == pipeline::EngineKind::kKafkaConnect) spec.kafka.connect.url = "http://c:8083";
  return spec;
}

SettingsDiff diff(const std::string& yaml, const pipeline::PipelineSpec& before = live()) {
  const auto document = read_yaml(yaml, "a.yaml").at(0).value;
  return diff_settings(before, pipeline::spec_from_json(document), document);
}

/// "field: effect" of each change.
std::vector<std::string> told(const SettingsDiff& found) {
  std::vector<std::string> lines;
  for (const auto& change : found.changes) lines.push_back(change.field + ": " + to_string(change.effect));
  return lines;
}

const std::string kSides =
    "source: {url: 'postgres://u@pg/shop'}\ntarget: {url: 'sqlserver://t@sql/copy'}\n"
    "tables: [orders, lines, 'sales.*']\n";

TEST(DiffSettings, WhatIsShownIsNoDifference) {
  for (const auto engine : {pipeline::EngineKind::kEmbedded, pipeline::EngineKind::kKafkaConnect}) {
    auto before = live(engine);
    before.mapping.tables[{"public", "orders"}] = {.exclude_columns = {"note"}, .key_columns = {"id"}};
    before.embedded.load_workers = engine == pipeline::EngineKind::kEmbedded ? 7 : 4;
    const json document(settings_document(before, false));
    EXPECT_TRUE(diff_settings(before, pipeline::spec_from_json(document), document).empty());
  }
}

TEST(DiffSettings, ASideByASavedConnectionIsComparedByTheConnectionAlone) {
  auto before = live();
  before.source.connection = "c1";
  const auto by = [&](const std::string& connection, const std::string& more = "") {
    return diff("source: {host: new-host, database: shop, user: u, connection: " + connection + more +
                    "}\ntarget: {url: 'sqlserver://t@sql/copy'}\ntables: [orders, lines, 'sales.*']\n",
                before);
  };
  EXPECT_TRUE(by("c1").empty()) << "the host of the connection reaches the pipeline by itself";
  EXPECT_THAT(told(by("c2")), ElementsAre("source.connection: cannot change"));
  EXPECT_THAT(told(by("c1", ", schema: other")), ElementsAre("source.schema: cannot change"));
}

TEST(DiffSettings, WhatIsLeftOutStaysAsItIs) {
  auto before = live();
  before.source.sslmode = "require";
  before.source.port = 5432;
  before.embedded.load_workers = 9;
  before.slot = "mine";
  EXPECT_TRUE(diff(kSides, before).empty());
}

TEST(DiffSettings, SettingsThatMayChangeMakeAPatchThatIsTaken) {
  const auto before = live();
  const auto found = diff(kSides +
                          "embedded: {load_workers: 2, schema_policy: {drop_column: pause}}\n"
                          "mapping: {value_policy: 'null', tables: {public.orders: {exclude_columns: [note]}}}\n");
  EXPECT_THAT(told(found), ElementsAre("embedded.load_workers: in place", "embedded.schema_policy: in place",
                                       "mapping.tables.public.orders.exclude_columns: at the next reload",
                                       "mapping.value_policy: in place"));
  EXPECT_TRUE(found.possible());
  const auto after = manager::patched_spec(before, found.patch);
  EXPECT_EQ(after.embedded.load_workers, 2);
  EXPECT_THAT(after.mapping.tables.at({"public", "orders"}).exclude_columns, ElementsAre("note"));
}

TEST(DiffSettings, ColumnsThatComeBackAreTakenOutOfTheOptions) {
  auto before = live();
  before.mapping.tables[{"public", "orders"}] = {.exclude_columns = {"note"}};
  const auto found = diff(kSides + "mapping: {tables: {public.orders: {exclude_columns: []}}}\n", before);
  EXPECT_TRUE(
      manager::patched_spec(before, found.patch).mapping.tables.at({"public", "orders"}).exclude_columns.empty());
}

TEST(DiffSettings, AnotherWayNeedsThePassword) {
  const std::string moved =
      "source: {url: 'postgres://u@elsewhere/shop'}\ntarget: {url: 'sqlserver://t@sql/copy'}\ntables: ['*', "
      "'sales.*']\n";
  auto found = diff(moved);
  EXPECT_THAT(told(found), ElementsAre("source.host: cannot change"));
  EXPECT_THAT(found.changes[0].reason, ::testing::HasSubstr("source.password"));
  auto document = read_yaml(moved, "a.yaml").at(0).value;
  document["source"]["password"] = "p";
  found = diff_settings(live(), pipeline::spec_from_json(document), document);
  EXPECT_THAT(told(found), ElementsAre("source.host: restart"));
  EXPECT_EQ(found.patch, (json{{"source", {{"host", "elsewhere"}, {"password", "p"}}}}));
}

TEST(DiffSettings, WhatTheUrlSaysIsCompared) {
  const auto found = diff(
      "source: {url: 'postgres://u@pg/shop?sslmode=require', password: p}\n"
      "target: {url: 'sqlserver://t@sql/copy?schema=other'}\ntables: [orders, lines, sales.a]\n");
  EXPECT_THAT(told(found), ElementsAre("source.sslmode: restart", "target.schema: cannot change"));
}

TEST(DiffSettings, WhatWasSettledAtCreateCannotChange) {
  const auto found =
      diff(kSides + "slot: other\nsnapshot: no_data\nmapping: {tables: {public.lines: {rename: dbo.l}}}\n");
  EXPECT_THAT(told(found), ElementsAre("mapping.tables.public.lines.rename: cannot change", "slot: cannot change",
                                       "snapshot: cannot change"));
  EXPECT_FALSE(found.possible());
  EXPECT_TRUE(found.patch.empty());
  EXPECT_THAT(told(diff(kSides + "engine: kafka-connect\nkafka_connect: {url: 'http://c:8083'}\n")),
              ElementsAre("engine: cannot change", "kafka_connect.url: cannot change"));
}

TEST(DiffSettings, TablesComeAndGo) {
  const auto found = diff(
      "source: {url: 'postgres://u@pg/shop'}\ntarget: {url: 'sqlserver://t@sql/copy'}\n"
      "tables: [public.orders, new_one, 'archive.*']\nmapping: {tables: {public.new_one: {rename: dbo.n}}}\n");
  EXPECT_THAT(found.tables_added, ElementsAre("new_one", "archive.*"));
  EXPECT_THAT(found.tables_removed, ElementsAre("public.lines", "sales.a"));
  EXPECT_TRUE(found.changes.empty());
  EXPECT_FALSE(found.empty());
}

TEST(DiffSettings, TablesThatKafkaConnectCarriesCannotChange) {
  const auto found = diff(
      "source: {url: 'postgres://u@pg/shop'}\ntarget: {url: 'sqlserver://t@sql/copy'}\nengine: kafka-connect\n"
      "kafka_connect: {url: 'http://c:8083'}\ntables: [orders]\n",
      live(pipeline::EngineKind::kKafkaConnect));
  EXPECT_THAT(told(found), ElementsAre("tables: cannot change"));
  EXPECT_TRUE(found.tables_removed.empty());
}

}  // namespace
}  // namespace millrace::cli
