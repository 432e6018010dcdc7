#include <gmock/gmock.h>
#include <libpq-fe.h>

#include <cstdlib>
#include <memory>

#include "postgres/catalog.hpp"
#include "postgres/lab_postgres.hpp"
#include "schema/cell_encoder.hpp"
#include "schema/cell_text.hpp"

namespace millrace::postgres {
namespace {

using schema::ValuePolicy;
using schema::WireFormat;

constexpr int kText = 0;
constexpr int kBinary = 1;

using Rows = std::unique_ptr<PGresult, decltype(&PQclear)>;

Rows select(Connection& connection, const std::string& sql, int format) {
  Rows rows(PQexecParams(connection.native(), sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, format), PQclear);
  EXPECT_EQ(PQresultStatus(rows.get()), PGRES_TUPLES_OK) << PQerrorMessage(connection.native()) << sql;
  return rows;
}

/// What the columns of one table become, over each way that a value can take.
class CellValuesTest : public LabPostgres {
 protected:
  static std::string outcome(const schema::CellEncoder& encoder, const schema::ColumnMapping& column, const Rows& rows,
                             int row, WireFormat format, schema::Cell& cell) {
    if (PQgetisnull(rows.get(), row, 0) != 0) return "NULL";
    const std::string_view value(PQgetvalue(rows.get(), row, 0),
                                 static_cast<std::size_t>(PQgetlength(rows.get(), row, 0)));
    try {
      encoder.encode(format, value, cell);
    } catch (const schema::ValueError& error) {
      return "refused: " + error.message();
    }
    return to_display(cell_kind(column.target.type), cell, column.target.type);
  }

  /// The column's cells as the stream gives them. Copied ones, and binary ones where they are understood, must agree.
  static std::vector<std::string> agree(Connection& connection, const std::string& table,
                                        const schema::ColumnMapping& column, ValuePolicy policy) {
    const auto encoder = make_encoder(column, policy);
    const auto name = schema::quote_pg(column.source.name);
    const auto from = " FROM " + table + " ORDER BY id";
    const auto streamed = select(connection, "SELECT " + name + from, kText);
    const auto copied = select(connection, "SELECT " + copy_expression(column) + from, kBinary);
    const auto binary = select(connection, "SELECT " + name + from, kBinary);
    std::vector<std::string> cells;
    schema::Cell cell;
    for (int row = 0; row < PQntuples(streamed.get()); ++row) {
      cells.push_back(outcome(*encoder, column, streamed, row, WireFormat::kText, cell));
      const auto where = column.source.name + ", row " + std::to_string(row) + ", " + column.target.type.to_string();
      EXPECT_EQ(outcome(*encoder, column, copied, row, copy_format(column), cell), cells.back()) << "copied " << where;
      if (!binary_capable(column.source.type)) continue;
      EXPECT_EQ(outcome(*encoder, column, binary, row, WireFormat::kBinary, cell), cells.back()) << "binary " << where;
    }
    return cells;
  }

  static std::map<std::string, std::vector<std::string>> agree(Connection& connection, const schema::TableName& name,
                                                               ValuePolicy policy) {
    for (const auto& statement : schema::session_settings()) connection.execute(statement);
    const auto source = read_tables(connection, {name}).at(0);
    const auto plan = plan_table(source, {.value_policy = policy}, probe_columns(connection, source));
    std::map<std::string, std::vector<std::string>> cells;
    for (const auto& column : plan.columns) {
      cells[column.source.name] = agree(connection, schema::quote_pg(name), column, policy);
    }
    return cells;
  }

  SourceEndpoint lab_database() const {
    auto endpoint = superuser();
    endpoint.database = std::getenv("MILLRACE_LAB_PG_DATABASE");
    return endpoint;
  }
};

TEST_F(CellValuesTest, EveryTypeOfTheLabGivesTheSameCellOnEachWay) {
  Connection connection(lab_database());
  for (const auto policy : {ValuePolicy::kFail, ValuePolicy::kNull, ValuePolicy::kClamp, ValuePolicy::kText}) {
    const auto cells = agree(connection, {"public", "all_types"}, policy);
    ASSERT_EQ(cells.at("id").size(), 4U);
    for (const auto& [column, values] : cells) {
      if (column == "c_money") continue;  // the largest amount has more digits than decimal(19,4)
      EXPECT_THAT(values, ::testing::Each(::testing::Not(::testing::StartsWith("refused")))) << column;
    }
    EXPECT_EQ(cells.at("c_composite")[1], R"({"street":"Main \"St\"","zip":12345})");
    EXPECT_EQ(cells.at("c_composite")[2], R"({"street":null,"zip":null})");
    EXPECT_EQ(cells.at("c_int_array")[1], "[[1,null],[3,4]]");
    EXPECT_EQ(cells.at("c_text_array")[1], R"({"lower":[0],"values":["a,b",null,"q\"uote"]})");
    EXPECT_EQ(cells.at("c_hstore")[1], R"({"a":"1","q":"\"x\"","b c":null})");
    EXPECT_EQ(cells.at("c_inet")[3], "127.0.0.1");
    EXPECT_EQ(cells.at("c_char")[3], "trail     ");
    EXPECT_EQ(cells.at("c_interval")[1], "P10M3DT-4H-5M-6.789012S");
    EXPECT_EQ(cells.at("c_timetz")[1], "12:00:00.5+15:59");
    EXPECT_EQ(cells.at("c_numeric_wide")[1], "1234567890123456789012345678901234567890.0123456789");
    EXPECT_EQ(cells.at("c_double")[2], "5e-324");
    EXPECT_EQ(cells.at("c_real")[3], "-0");
    EXPECT_EQ(cells.at("c_enum")[1], "happy 😀");
  }
}

TEST_F(CellValuesTest, ValuesWithoutAPlaceMeetThePolicyOnEachWay) {
  Connection connection(lab_database());
  const schema::TableName table{"public", "unrepresentable"};
  EXPECT_THAT(agree(connection, table, ValuePolicy::kFail).at("c_timestamp"),
              ::testing::Each(::testing::StartsWith("refused: column c_timestamp: ")));
  EXPECT_THAT(agree(connection, table, ValuePolicy::kNull).at("c_timestamptz"), ::testing::Each("NULL"));
  const auto clamped = agree(connection, table, ValuePolicy::kClamp);
  EXPECT_THAT(clamped.at("c_date"), ::testing::ElementsAre("9999-12-31", "0001-01-01", "0001-01-01", "9999-12-31"));
  EXPECT_EQ(clamped.at("c_time")[0], "23:59:59.999999");
  EXPECT_EQ(clamped.at("c_real")[2], "-3.4028235e+38");
  const auto texts = agree(connection, table, ValuePolicy::kText);
  EXPECT_THAT(texts.at("c_timestamptz"),
              ::testing::ElementsAre("infinity", "-infinity", "0044-03-15 12:00:00+00 BC", "10000-01-01 00:00:00+00"));
  EXPECT_THAT(texts.at("c_double"), ::testing::ElementsAre("NaN", "Infinity", "-Infinity", "1"));
}

TEST_F(CellValuesTest, RandomValuesGiveTheSameCellOnEachWay) {
  Connection connection(superuser());
  run(connection,
      {"SELECT setseed(0.42)",
       "CREATE TABLE public.many (id int, c_real real, c_double double precision, c_numeric numeric, "
       "c_decimal numeric(38, 12), c_money money, c_date date, c_timestamp timestamp, c_timestamptz timestamptz, "
       "c_time time, c_timetz timetz, c_interval interval, c_bytea bytea, c_bits varbit, c_text text, c_bpchar "
       "char(40), "
       "c_numerics numeric[], c_stamps timestamp[], c_texts text[])",
       "INSERT INTO public.many SELECT n, (random() - 0.5) * power(10.0, (random() * 70 - 35)::int), "
       "(random() - 0.5) * power(10.0, (random() * 600 - 300)::int), "
       "round((random() - 0.5)::numeric * power(10::numeric, (random() * 60 - 20)::int), (random() * 40)::int), "
       "((random() - 0.5)::numeric * power(10::numeric, (random() * 24)::int))::numeric(38, 12), "
       "((random() - 0.5) * power(10.0, (random() * 14)::int))::numeric::money, "
       "date '4713-01-01 BC' + (random() * 100000000)::int, "
       "timestamp '4713-01-01 BC' + interval '1 second' * (random() * 9e12), "
       "timestamptz '0001-01-01 00:00+00' + interval '1 second' * (random() * 3.1e11), "
       "time '00:00' + interval '1 second' * (random() * 86399), "
       "((time '00:00' + interval '1 second' * (random() * 86399))::text || (ARRAY['+00','-15:59','+05:45','+01'])"
       "[1 + n % 4])::timetz, "
       "make_interval((random() * 200 - 100)::int, (random() * 24 - 12)::int, 0, (random() * 90 - 45)::int, 0, 0, "
       "(random() - 0.5) * power(10.0, (random() * 9)::int)), "
       "decode(md5(n::text), 'hex'), substring(('x' || md5(n::text))::bit(70)::varbit FROM 1 FOR n % 71), "
       "md5(n::text) || chr(1 + n % 50000), left(md5(n::text), n % 30), "
       "ARRAY[random()::numeric, NULL, 'NaN'], ARRAY[timestamp '2000-01-01' + interval '1 second' * n, 'infinity'], "
       "ARRAY[chr(1 + n % 200), md5(n::text), NULL, '', 'NULL', '\\'] FROM generate_series(1, 5000) n"});
  for (const auto policy : {ValuePolicy::kFail, ValuePolicy::kNull, ValuePolicy::kClamp, ValuePolicy::kText}) {
    const auto cells = agree(connection, {"public", "many"}, policy);
    EXPECT_EQ(cells.at("c_numeric").size(), 5000U);
    EXPECT_THAT(cells.at("c_decimal"), ::testing::Each(::testing::Not(::testing::StartsWith("refused"))));
  }
}

}  // namespace
}  // namespace millrace::postgres
