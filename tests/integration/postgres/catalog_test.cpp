#include "postgres/catalog.hpp"

#include <gmock/gmock.h>

#include "postgres/lab_postgres.hpp"

namespace millrace::postgres {
namespace {

using schema::ReplicaIdentity;
using schema::SourceTable;
using schema::TypeKind;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class CatalogTest : public LabPostgres {
 protected:
  static SourceTable read(Connection& connection, const std::string& table) {
    return read_tables(connection, {{"public", table}}).at(0);
  }
};

TEST_F(CatalogTest, ListsTablesButNoPartitionsViewsOrTemporaryOnes) {
  Connection connection(superuser());
  run(connection, {"CREATE SCHEMA sales", "CREATE TABLE sales.\"Big One\"(id int)", "CREATE TABLE public.a(id int)",
                   "CREATE VIEW public.v AS SELECT * FROM public.a", "CREATE TEMP TABLE t(id int)",
                   "CREATE TABLE public.p(id int) PARTITION BY RANGE (id)",
                   "CREATE TABLE public.p1 PARTITION OF public.p FOR VALUES FROM (0) TO (9)"});
  EXPECT_THAT(list_tables(connection), ElementsAre(schema::TableName{"public", "a"}, schema::TableName{"public", "p"},
                                                   schema::TableName{"sales", "Big One"}));
}

TEST_F(CatalogTest, AMissingTableIsNamed) {
  Connection connection(superuser());
  run(connection, {"CREATE TABLE public.a(id int)"});
  try {
    read_tables(connection, {{"public", "a"}, {"public", "gone"}});
    FAIL() << "found";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kTableNotFound);
    EXPECT_EQ(error.context().table, "public.gone");
  }
}

TEST_F(CatalogTest, ColumnsInOrderWithTheirTypes) {
  Connection connection(superuser());
  run(connection,
      {"CREATE DOMAIN public.price AS numeric(10,2) NOT NULL", "CREATE DOMAIN public.offer AS public.price",
       "CREATE TYPE public.mood AS ENUM ('ok', 'très', '😀😀')",
       "CREATE TABLE public.t(gone int, n numeric(12,-2), f numeric, v varchar(20), c char(3), ts timestamptz(3), "
       "b bit(5), ar int[], o public.offer, m public.mood, id int GENERATED ALWAYS AS IDENTITY, s serial, "
       "g int GENERATED ALWAYS AS (1 + 1) STORED, \"Qu\"\"ote\" text)",
       "ALTER TABLE public.t DROP COLUMN gone"});
  const auto table = read(connection, "t");
  std::vector<std::string> names;
  for (const auto& column : table.columns) names.push_back(column.name);
  EXPECT_THAT(names, ElementsAre("n", "f", "v", "c", "ts", "b", "ar", "o", "m", "id", "s", "g", "Qu\"ote"));
  const auto type = [&](const char* column) { return table.find_column(column)->type; };
  EXPECT_EQ(table.columns[0].attnum, 2);
  EXPECT_EQ(type("n").precision, 12);
  EXPECT_EQ(type("n").scale, -2);
  EXPECT_EQ(type("f").precision, std::nullopt);
  EXPECT_EQ(type("v").length, 20);
  EXPECT_EQ(type("v").declared, "character varying(20)");
  EXPECT_EQ(type("c").length, 3);
  EXPECT_EQ(type("ts").precision, 3);
  EXPECT_EQ(type("b").length, 5);
  EXPECT_TRUE(type("ar").is_array);
  EXPECT_EQ(type("ar").name, "int4");
  EXPECT_EQ(type("o").name, "numeric");
  EXPECT_EQ(type("o").domain, "public.offer");
  EXPECT_EQ(type("o").precision, 10);
  EXPECT_EQ(type("o").scale, 2);
  EXPECT_EQ(type("m").kind, TypeKind::kEnum);
  EXPECT_EQ(type("m").longest_label, 4) << "two characters beyond the basic plane are four UTF-16 units";
  EXPECT_TRUE(table.find_column("id")->identity && table.find_column("s")->identity);
  EXPECT_FALSE(table.find_column("v")->identity);
  EXPECT_EQ(table.find_column("g")->generated, schema::Generated::kStored);
  EXPECT_TRUE(table.find_column("v")->toastable);
  EXPECT_FALSE(table.find_column("id")->toastable);
}

TEST_F(CatalogTest, KeysAndIndexes) {
  Connection connection(superuser());
  run(connection,
      {"CREATE TABLE public.t(a int, b int, code int NOT NULL, maybe int, PRIMARY KEY (b, a))",
       "CREATE UNIQUE INDEX t_code ON public.t(code) INCLUDE (maybe)", "CREATE UNIQUE INDEX t_maybe ON public.t(maybe)",
       "CREATE UNIQUE INDEX t_some ON public.t(code) WHERE a > 0", "CREATE UNIQUE INDEX t_sum ON public.t((a + b))",
       "ALTER TABLE public.t ADD CONSTRAINT t_later UNIQUE (code, a) DEFERRABLE", "CREATE INDEX t_plain ON public.t(a)",
       "ALTER TABLE public.t REPLICA IDENTITY USING INDEX t_code"});
  const auto table = read(connection, "t");
  EXPECT_THAT(table.primary_key, ElementsAre("b", "a"));
  EXPECT_EQ(table.replica_identity, ReplicaIdentity::kIndex);
  EXPECT_EQ(table.replica_identity_index, "t_code");
  std::vector<std::string> usable;
  for (const auto& index : table.unique_indexes) {
    if (index.usable_as_identity) usable.push_back(index.name);
    if (index.name == "t_code") {
      EXPECT_THAT(index.columns, ElementsAre("code")) << "INCLUDE columns are not in the key";
    }
  }
  EXPECT_EQ(table.unique_indexes.size(), 5U);
  EXPECT_THAT(usable, ElementsAre("t_code"));
}

TEST_F(CatalogTest, KindOwnerAndSize) {
  Connection connection(superuser());
  run(connection, {"CREATE UNLOGGED TABLE public.u(id int)", "CREATE TABLE public.a(id int)",
                   "INSERT INTO public.a SELECT generate_series(1, 1000)", "ANALYZE public.a",
                   "ALTER TABLE public.a REPLICA IDENTITY FULL", "ALTER TABLE public.a OWNER TO " + name()});
  EXPECT_TRUE(read(connection, "u").unlogged);
  const auto table = read(connection, "a");
  EXPECT_FALSE(table.unlogged || table.partitioned || table.partition);
  EXPECT_EQ(table.replica_identity, ReplicaIdentity::kFull);
  EXPECT_EQ(table.owner, name());
  EXPECT_EQ(table.estimated_rows, 1000);
  EXPECT_GE(table.bytes, 1000 * 24);
  EXPECT_THAT(table.partitions, IsEmpty());
}

TEST_F(CatalogTest, RowSecurityCountsOnlyWhereItHidesRowsFromTheUser) {
  Connection owner(superuser());
  run(owner, {"CREATE TABLE public.a(id int)", "ALTER TABLE public.a ENABLE ROW LEVEL SECURITY",
              "GRANT SELECT ON public.a TO " + name()});
  EXPECT_FALSE(read(owner, "a").row_security);
  EXPECT_TRUE([&] {
    Connection connection(plain_user());
    return read(connection, "a").row_security;
  }());
  owner.execute("ALTER ROLE " + name() + " BYPASSRLS");
  Connection connection(plain_user());
  EXPECT_FALSE(read(connection, "a").row_security);
}

TEST_F(CatalogTest, APartitionedTableIsTheSumOfItsLeaves) {
  Connection connection(superuser());
  run(connection,
      {"CREATE TABLE public.p(id int, k int) PARTITION BY RANGE (id)",
       "CREATE TABLE public.p1 PARTITION OF public.p FOR VALUES FROM (0) TO (1000)",
       "CREATE TABLE public.p2 PARTITION OF public.p FOR VALUES FROM (1000) TO (9000) PARTITION BY LIST (k)",
       "CREATE TABLE public.p2a PARTITION OF public.p2 DEFAULT",
       "INSERT INTO public.p SELECT n, n FROM generate_series(1, 2999) n"});
  EXPECT_EQ(read(connection, "p").estimated_rows, -1) << "leaves were never counted";
  run(connection, {"ANALYZE public.p1", "ANALYZE public.p2a", "ALTER TABLE public.p REPLICA IDENTITY FULL",
                   "ALTER TABLE public.p2a REPLICA IDENTITY FULL"});
  const auto table = read(connection, "p");
  EXPECT_TRUE(table.partitioned);
  EXPECT_EQ(table.estimated_rows, 2999);
  EXPECT_GE(table.bytes, 2999 * 24);
  ASSERT_EQ(table.partitions.size(), 2U);
  EXPECT_EQ(table.partitions[0].name.name, "p1");
  EXPECT_EQ(table.partitions[0].replica_identity, ReplicaIdentity::kDefault) << "the root's change does not reach it";
  EXPECT_EQ(table.partitions[1].name.name, "p2a");
  EXPECT_EQ(table.partitions[1].replica_identity, ReplicaIdentity::kFull);
  EXPECT_TRUE(read(connection, "p1").partition);
}

TEST_F(CatalogTest, DataTellsWhatTheCatalogDoesNot) {
  Connection connection(superuser());
  run(connection,
      {"CREATE TABLE public.t(k text PRIMARY KEY, n numeric, e numeric, s numeric(5,2))",
       "INSERT INTO public.t VALUES ('a😀', 123.4500, 0.000, 1), ('b', -99999, NULL, 2), ('b ', 'NaN', NULL, 3)"});
  const auto table = read(connection, "t");
  const auto facts = probe_columns(connection, table);
  EXPECT_EQ(facts.at("n").max_integer_digits, 5);
  EXPECT_EQ(facts.at("n").max_scale, 2) << "trailing zeros do not count";
  EXPECT_TRUE(facts.at("n").has_special);
  EXPECT_EQ(facts.at("e").max_integer_digits, 0);
  EXPECT_FALSE(facts.at("e").has_special);
  EXPECT_EQ(facts.at("k").max_utf16_units, 3);
  EXPECT_TRUE(facts.at("k").padding_twins);
  connection.execute("ANALYZE public.t");
  EXPECT_THAT(probe_columns(connection, read(connection, "t"), 2), IsEmpty()) << "too large to look at";
}

TEST_F(CatalogTest, KeysThatSqlServerTakesForEqualAreFound) {
  Connection connection(superuser());
  run(connection,
      {"CREATE TABLE public.t(n int, k bytea, PRIMARY KEY (n, k))",
       "INSERT INTO public.t VALUES (1, '\\x10'), (1, '\\xa000'), (1, '\\x000a'), (1, '\\x'), (2, '\\x1000')"});
  EXPECT_FALSE(probe_columns(connection, read(connection, "t")).at("k").padding_twins) << "another n is another key";
  connection.execute("INSERT INTO public.t VALUES (1, '\\x100000')");
  EXPECT_TRUE(probe_columns(connection, read(connection, "t")).at("k").padding_twins);
}

TEST_F(CatalogTest, AnEmptyTableTellsNothing) {
  Connection connection(superuser());
  run(connection, {"CREATE TABLE public.t(k text PRIMARY KEY, n numeric)"});
  const auto facts = probe_columns(connection, read(connection, "t"));
  EXPECT_EQ(facts.at("n").max_integer_digits, std::nullopt);
  EXPECT_EQ(facts.at("k").max_utf16_units, std::nullopt);
  EXPECT_FALSE(facts.at("k").padding_twins);
  run(connection, {"CREATE TABLE public.b(k bytea PRIMARY KEY)"});
  EXPECT_FALSE(probe_columns(connection, read(connection, "b")).at("k").padding_twins);
}

TEST_F(CatalogTest, WithoutRightsTheCatalogIsReadAndTheDataIsLeftAlone) {
  Connection owner(superuser());
  run(owner, {"CREATE SCHEMA hidden", "CREATE TABLE hidden.t(k text PRIMARY KEY, s serial)"});
  Connection connection(plain_user());
  const auto table = read_tables(connection, {{"hidden", "t"}}).at(0);
  EXPECT_TRUE(table.find_column("s")->identity);
  EXPECT_THAT(probe_columns(connection, table), IsEmpty());
}

/// Outside of UTF8 PostgreSQL refuses escapes of characters that the encoding lacks.
class Latin1CatalogTest : public CatalogTest {
 protected:
  std::string database_options() const override { return " ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0"; }
};

TEST_F(Latin1CatalogTest, TablesAreReadAndLookedAt) {
  Connection connection(superuser());
  run(connection,
      {"CREATE TYPE public.mood AS ENUM ('très')", "CREATE TABLE public.\"clé\"(k text PRIMARY KEY, m public.mood)",
       "INSERT INTO public.\"clé\" VALUES ('été', 'très')"});
  const auto table = read(connection, "clé");
  EXPECT_GE(table.find_column("m")->type.longest_label, 4);
  EXPECT_GE(probe_columns(connection, table).at("k").max_utf16_units.value_or(0), 3);
}

}  // namespace
}  // namespace millrace::postgres
