#include "sqlserver/bulk_writer.hpp"

#include <gmock/gmock.h>

#include "cut_line.hpp"
#include "lab_sqlserver.hpp"
#include "support/utf16.hpp"

namespace millrace::sqlserver {
namespace {

using schema::Cell;
using schema::TargetType;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Optional;

TargetType type(const std::string& name, std::optional<int> length = {}, std::optional<int> precision = {},
                std::optional<int> scale = {}) {
  return {name, length, precision, scale};
}

Cell integer(std::int64_t value) {
  Cell cell;
  cell.null = false;
  cell.integer = value;
  return cell;
}

Cell text(std::u16string value) {
  Cell cell;
  cell.null = false;
  cell.text = std::move(value);
  return cell;
}

Cell binary(std::vector<std::uint8_t> value) {
  Cell cell;
  cell.null = false;
  cell.bytes = std::move(value);
  return cell;
}

Cell real(double value) {
  Cell cell;
  cell.null = false;
  cell.real = value;
  return cell;
}

Cell decimal(bool negative, const std::string& digits) {
  Cell cell;
  cell.null = false;
  cell.negative = negative;
  for (const char digit : digits) cell.magnitude = cell.magnitude * 10 + static_cast<unsigned>(digit - '0');
  return cell;
}

constexpr std::int64_t kDay = 86'400'000'000;
constexpr std::int64_t kLastDay = 3'652'058;

/// Writes one column of values into a table (id, v) and reads it back as text.
class Bulk : public LabSqlServer {
 protected:
  std::vector<std::optional<std::string>> round_trip(const TargetType& of, const std::vector<Cell>& cells,
                                                     const std::string& as = "v") {
    session().execute("CREATE TABLE " + quoted("t") + " (id int NOT NULL PRIMARY KEY, v " + of.to_string() + " NULL)");
    BulkSession bulk(endpoint());
    BulkWriter writer(bulk, table("t"), {{"id", type("int")}, {"v", of}});
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::vector<Cell> row = {integer(static_cast<std::int64_t>(i)), cells[i]};
      writer.write(row);
    }
    EXPECT_EQ(writer.finish(), static_cast<std::int64_t>(cells.size()));
    std::vector<std::optional<std::string>> values;
    for (Row& row : session().query("SELECT " + as + " FROM " + quoted("t") + " ORDER BY id")) {
      values.push_back(std::move(row.at(0)));
    }
    session().execute("DROP TABLE " + quoted("t"));
    return values;
  }

  std::int64_t count(const std::string& name) { return std::stoll(*value("SELECT COUNT(*) FROM " + quoted(name))); }

  void make_keyed() {
    session().execute("CREATE TABLE " + quoted("k") +
                      " (id int NOT NULL CONSTRAINT pk_k PRIMARY KEY, v nvarchar(10) NOT NULL)");
  }
  const std::vector<BulkColumn> keyed_ = {{"id", type("int")}, {"v", type("nvarchar", 10)}};

  static void write(BulkWriter& writer, std::int64_t id, const std::u16string& value) {
    const std::vector<Cell> row = {integer(id), text(value)};
    writer.write(row);
  }

  template <typename Step>
  static int number_of(Step&& step) {
    try {
      step();
    } catch (const QueryError& error) {
      return error.number();
    }
    return -1;
  }
};

/// A value that is brought piece by piece.
Cell pieces(schema::LongValue::Form form, const std::string& source) {
  Cell cell;
  cell.null = false;
  cell.long_value = schema::long_value(form, {source});
  return cell;
}

TEST_F(Bulk, Integers) {
  EXPECT_THAT(round_trip(type("bit"), {integer(0), integer(1), Cell{}}),
              ElementsAre(Optional(std::string("0")), Optional(std::string("1")), std::nullopt));
  EXPECT_THAT(round_trip(type("tinyint"), {integer(0), integer(255), Cell{}}), ElementsAre("0", "255", std::nullopt));
  EXPECT_THAT(round_trip(type("smallint"), {integer(-32768), integer(32767), Cell{}}),
              ElementsAre("-32768", "32767", std::nullopt));
  EXPECT_THAT(round_trip(type("int"), {integer(INT32_MIN), integer(INT32_MAX), Cell{}}),
              ElementsAre("-2147483648", "2147483647", std::nullopt));
  EXPECT_THAT(round_trip(type("bigint"), {integer(INT64_MIN), Cell{}, integer(INT64_MAX)}),
              ElementsAre("-9223372036854775808", std::nullopt, "9223372036854775807"));
}

TEST_F(Bulk, Floats) {
  const auto floats =
      round_trip(type("float", {}, 53), {real(0.1), real(-1.7976931348623157e308), Cell{}, real(5e-324)});
  EXPECT_EQ(std::stod(*floats.at(0)), 0.1);
  EXPECT_EQ(std::stod(*floats.at(1)), -1.7976931348623157e308);
  EXPECT_EQ(floats.at(2), std::nullopt);
  EXPECT_EQ(std::strtod(floats.at(3)->c_str(), nullptr), 5e-324);
  const auto reals = round_trip(type("real"), {real(1.5), real(-0.25), Cell{}});
  EXPECT_EQ(std::stof(*reals.at(0)), 1.5F);
  EXPECT_EQ(std::stof(*reals.at(1)), -0.25F);
  EXPECT_EQ(reals.at(2), std::nullopt);
}

TEST_F(Bulk, Decimals) {
  const std::string nines(38, '9');
  EXPECT_THAT(round_trip(type("decimal", {}, 38, 0),
                         {decimal(false, nines), decimal(true, nines), Cell{}, decimal(false, "0")}),
              ElementsAre(nines, "-" + nines, std::nullopt, "0"));
  EXPECT_THAT(
      round_trip(type("decimal", {}, 38, 38), {decimal(true, nines), decimal(false, "1")}, "CAST(v AS nvarchar(60))"),
      ElementsAre("-0." + nines, "0." + std::string(37, '0') + "1"));
  EXPECT_THAT(round_trip(type("decimal", {}, 9, 2), {decimal(false, "1250"), decimal(true, "999999999")}),
              ElementsAre("12.50", "-9999999.99"));
}

TEST_F(Bulk, DatesAndTimes) {
  EXPECT_THAT(round_trip(type("date"), {integer(0), integer(730'178), integer(kLastDay), Cell{}}),
              ElementsAre("0001-01-01", "2000-02-29", "9999-12-31", std::nullopt));
  EXPECT_THAT(round_trip(type("time", {}, {}, 6), {integer(0), integer(kDay - 1), Cell{}}),
              ElementsAre("00:00:00.000000", "23:59:59.999999", std::nullopt));
  EXPECT_THAT(round_trip(type("time", {}, {}, 0), {integer(kDay - 1'000'000)}), ElementsAre("23:59:59"));
  EXPECT_THAT(round_trip(type("datetime2", {}, {}, 6), {integer(0), integer(kLastDay * kDay + kDay - 1), Cell{}}),
              ElementsAre("0001-01-01 00:00:00.000000", "9999-12-31 23:59:59.999999", std::nullopt));
  EXPECT_THAT(round_trip(type("datetime2", {}, {}, 3), {integer(719'162 * kDay + 123'000)}),
              ElementsAre("1970-01-01 00:00:00.123"));
  EXPECT_THAT(round_trip(type("datetime2", {}, {}, 0), {integer(719'162 * kDay + 1'000'000)}),
              ElementsAre("1970-01-01 00:00:01"));
  EXPECT_THAT(round_trip(type("datetimeoffset", {}, {}, 6), {integer(0), integer(kLastDay * kDay + kDay - 1), Cell{}}),
              ElementsAre("0001-01-01 00:00:00.000000 +00:00", "9999-12-31 23:59:59.999999 +00:00", std::nullopt));
}

TEST_F(Bulk, GuidsKeepTheOrderOfTheirText) {
  Cell cell;
  cell.null = false;
  for (std::size_t i = 0; i < 16; ++i) cell.guid[i] = static_cast<std::uint8_t>(0xA0 + i);
  EXPECT_THAT(round_trip(type("uniqueidentifier"), {cell, Cell{}}),
              ElementsAre("A0A1A2A3-A4A5-A6A7-A8A9-AAABACADAEAF", std::nullopt));
}

TEST_F(Bulk, TextsOfEveryLength) {
  const std::u16string beyond_bmp = u"\u00fc\U0001F600\u4e2d";
  EXPECT_THAT(round_trip(type("nvarchar", 4), {text(beyond_bmp), text(u""), Cell{}, text(u"ab  "), text(u"abcd")}),
              ElementsAre("\u00fc\U0001F600\u4e2d", "", std::nullopt, "ab  ", "abcd"));
  EXPECT_THAT(round_trip(type("nvarchar", 4000), {text(std::u16string(4000, u'x'))}),
              ElementsAre(std::string(4000, 'x')));
  EXPECT_THAT(round_trip(type("nchar", 3), {text(u"a"), Cell{}}), ElementsAre("a  ", std::nullopt));
}

TEST_F(Bulk, LongTexts) {
  std::u16string faces;
  for (int i = 0; i < 9000; ++i) faces += u"\U0001F600";
  const auto values = round_trip(type("nvarchar", TargetType::kMax),
                                 {text(u""), text(faces), Cell{}, text(u"short"), text(std::u16string(4001, u'y')),
                                  text(std::u16string(3'000'000, u'z')), text(u"")});
  ASSERT_EQ(values.size(), 7U);
  EXPECT_EQ(values[0], "");
  EXPECT_EQ(values[1], to_utf8(faces));
  EXPECT_EQ(values[2], std::nullopt);
  EXPECT_EQ(values[3], "short");
  EXPECT_EQ(values[4], std::string(4001, 'y'));
  EXPECT_EQ(values[5], std::string(3'000'000, 'z'));
  EXPECT_EQ(values[6], "");
}

TEST_F(Bulk, Binaries) {
  const std::string hex = "CONVERT(nvarchar(max), v, 2)";
  EXPECT_THAT(round_trip(type("varbinary", 4), {binary({0x00, 0xff}), binary({}), Cell{}, binary({1, 2, 3, 4})}, hex),
              ElementsAre("00FF", "", std::nullopt, "01020304"));
  EXPECT_THAT(round_trip(type("varbinary", 8000), {binary(std::vector<std::uint8_t>(8000, 0xab))}, "DATALENGTH(v)"),
              ElementsAre("8000"));
  std::vector<std::uint8_t> megabytes(4'000'000);
  for (std::size_t i = 0; i < megabytes.size(); ++i) megabytes[i] = static_cast<std::uint8_t>(i * 7);
  EXPECT_THAT(
      round_trip(type("varbinary", TargetType::kMax), {binary({}), binary(megabytes), Cell{}, binary({0x0d, 0x0a})},
                 "CONCAT(DATALENGTH(v), ':', CONVERT(nvarchar(max), SUBSTRING(v, 3999998, 3), 2))"),
      ElementsAre("0:", "4000000:EBF2F9", ":", "2:"));
}

TEST_F(Bulk, ColumnsInAnyOrder) {
  session().execute("CREATE TABLE " + quoted("o") + " (a int NULL, b int NULL, c int NULL)");
  BulkSession bulk(endpoint());
  BulkWriter writer(bulk, table("o"), {{"c", type("int")}, {"a", type("int")}});
  const std::vector<Cell> row = {integer(3), integer(1)};
  writer.write(row);
  EXPECT_EQ(writer.finish(), 1);
  EXPECT_THAT(session().query("SELECT a, b, c FROM " + quoted("o")), ElementsAre(ElementsAre("1", std::nullopt, "3")));
}

TEST_F(Bulk, ShortValuesGoIntoColumnsOfAnyLength) {
  session().execute("CREATE TABLE " + quoted("o") + " (id int NOT NULL, a nvarchar(max) NULL, b varbinary(max) NULL)");
  BulkSession bulk(endpoint());
  BulkWriter writer(bulk, table("o"), {{"b", type("varbinary", 4)}, {"a", type("nvarchar", 60)}, {"id", type("int")}});
  const std::vector<Cell> row = {binary({0x00, 0xff}), text(u"short \u00e9"), integer(1)};
  writer.write(row);
  const std::vector<Cell> none = {Cell{}, Cell{}, integer(2)};
  writer.write(none);
  EXPECT_EQ(writer.finish(), 2);
  EXPECT_THAT(session().query("SELECT a, CONVERT(varchar(10), b, 2) FROM " + quoted("o") + " ORDER BY id"),
              ElementsAre(ElementsAre("short \u00e9", "00FF"), ElementsAre(std::nullopt, std::nullopt)));
}

TEST_F(Bulk, ColumnsOfTheTableThatAreNotSentAreNull) {
  session().execute(
      "CREATE TABLE " + quoted("o") +
      " (a nvarchar(max) NULL, id int NOT NULL, b varbinary(max) NULL, c int NULL, v nvarchar(max) NULL,"
      " d decimal(8, 2) NULL, e uniqueidentifier NULL, f datetime2(6) NULL, g varbinary(max) NULL, h bit NULL)");
  BulkSession bulk(endpoint());
  BulkWriter writer(bulk, table("o"), {{"id", type("int")}, {"v", type("nvarchar", TargetType::kMax)}});
  for (int i = 1; i <= 2; ++i) write(writer, i, u"x");
  EXPECT_EQ(writer.finish(), 2);
  const auto none = std::nullopt;
  EXPECT_THAT(session().query("SELECT a, b, c, v, d, e, f, g, h FROM " + quoted("o") + " WHERE id = 2"),
              ElementsAre(ElementsAre(none, none, none, "x", none, none, none, none, none)));
}

TEST_F(Bulk, AColumnThatTheServerFillsIsTakenWhereTheDriverCan) {
  session().execute("CREATE TABLE " + quoted("o") +
                    " (id int NOT NULL, n int NOT NULL DEFAULT 5, v nvarchar(10) NULL)");
  {
    BulkSession bulk(endpoint());
    BulkWriter writer(bulk, table("o"), keyed_);
    write(writer, 1, u"x");
    EXPECT_EQ(writer.finish(), 1);
  }
  EXPECT_THAT(session().query("SELECT n, v FROM " + quoted("o")), ElementsAre(ElementsAre("5", "x")));
  session().execute("CREATE TABLE " + quoted("e") +
                    " (id int NOT NULL, v nvarchar(10) NULL, n int NOT NULL DEFAULT 5)");
  BulkSession bulk(endpoint());
  try {
    BulkWriter writer(bulk, table("e"), keyed_);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kTargetDrift);
    EXPECT_EQ(error.context().column, "n");
  }
}

TEST_F(Bulk, NullStaysNullInAColumnWithADefault) {
  session().execute("CREATE TABLE " + quoted("o") + " (a int NULL DEFAULT 7, b nvarchar(max) NULL DEFAULT N'd')");
  BulkSession bulk(endpoint());
  BulkWriter writer(bulk, table("o"), {{"a", type("int")}, {"b", type("nvarchar", TargetType::kMax)}});
  const std::vector<Cell> row = {Cell{}, Cell{}};
  writer.write(row);
  EXPECT_EQ(writer.finish(), 1);
  EXPECT_THAT(session().query("SELECT a, b FROM " + quoted("o")), ElementsAre(ElementsAre(std::nullopt, std::nullopt)));
}

TEST_F(Bulk, HintsAreTaken) {
  make_keyed();
  BulkSession bulk(endpoint());
  BulkWriter writer(bulk, table("k"), keyed_,
                    {.table_lock = true, .rows_per_batch = 2, .check_constraints = true, .in_table_order = true});
  write(writer, 1, u"a");
  write(writer, 2, u"b");
  EXPECT_EQ(writer.finish(), 2);
  EXPECT_EQ(count("k"), 2);
}

TEST_F(Bulk, EachCommitIsABoundary) {
  make_keyed();
  BulkSession bulk(endpoint());
  {
    BulkWriter writer(bulk, table("k"), keyed_);
    write(writer, 1, u"a");
    write(writer, 2, u"b");
    EXPECT_EQ(writer.commit(), 2);
    EXPECT_EQ(count("k"), 2);
    EXPECT_EQ(writer.commit(), 0);
    write(writer, 3, u"c");
    EXPECT_EQ(writer.finish(), 1);
  }
  EXPECT_EQ(bulk.execute("TRUNCATE TABLE " + quoted("k") + "; INSERT " + quoted("k") + " VALUES (9, N'z')"), 1);
  BulkWriter again(bulk, table("k"), keyed_);
  EXPECT_EQ(again.finish(), 0);
  EXPECT_EQ(count("k"), 1);
}

TEST_F(Bulk, GivingUpLeavesNothingOfTheOpenBatch) {
  make_keyed();
  BulkSession bulk(endpoint());
  {
    BulkWriter writer(bulk, table("k"), keyed_);
    write(writer, 1, u"a");
    EXPECT_EQ(writer.commit(), 1);
    for (int id = 2; id < 5000; ++id) write(writer, id, u"b");
  }
  BulkWriter next(bulk, table("k"), keyed_);
  write(next, 2, u"c");
  EXPECT_EQ(next.finish(), 1);
  EXPECT_THAT(session().query("SELECT id, v FROM " + quoted("k") + " ORDER BY id"),
              ElementsAre(ElementsAre("1", "a"), ElementsAre("2", "c")));
}

TEST_F(Bulk, ErrorsCarryTheServersNumber) {
  make_keyed();
  BulkSession bulk(endpoint());
  EXPECT_EQ(number_of([&] {
              BulkWriter writer(bulk, table("k"), keyed_);
              write(writer, 1, u"a");
              write(writer, 1, u"b");
              writer.finish();
            }),
            2627);
  EXPECT_EQ(number_of([&] {
              BulkWriter writer(bulk, table("k"), keyed_);
              const std::vector<Cell> row = {integer(1), Cell{}};
              writer.write(row);
              writer.finish();
            }),
            515);
  EXPECT_EQ(number_of([&] {
              BulkWriter writer(bulk, table("k"), keyed_);
              write(writer, 1, u"elevencharss");
              writer.finish();
            }),
            2628);
  EXPECT_EQ(number_of([&] { BulkWriter writer(bulk, table("k"), {{"nix", type("int")}}); }), 207);
  EXPECT_EQ(number_of([&] { BulkWriter writer(bulk, table("none"), keyed_, {.in_table_order = true}); }), 208);
  EXPECT_EQ(count("k"), 0);
}

TEST_F(Bulk, AColumnNarrowerThanThoughtIsRefused) {
  make_keyed();
  BulkSession bulk(endpoint());
  BulkWriter writer(bulk, table("k"), {{"id", type("int")}, {"v", type("nvarchar", 100)}});
  EXPECT_THROW(
      {
        write(writer, 1, u"eleven chars");
        writer.finish();
      },
      QueryError);
  EXPECT_EQ(count("k"), 0);
}

TEST_F(Bulk, ALostConnectionIsUnreachableAndTheNextCopySignsIn) {
  make_keyed();
  CutLine line(endpoint().host, endpoint().port);
  TargetEndpoint through = endpoint();
  through.port = line.port();
  BulkSession bulk(through);
  {
    BulkWriter writer(bulk, table("k"), keyed_);
    write(writer, 1, u"a");
    writer.commit();
    write(writer, 2, u"b");
    line.cut();
    try {
      for (int id = 3; id < 100'000; ++id) write(writer, id, u"b");
      writer.finish();
      ADD_FAILURE() << "nothing was thrown";
    } catch (const QueryError& error) {
      EXPECT_EQ(error.code(), ErrorCode::kTargetUnreachable) << error.message();
    }
  }
  BulkWriter next(bulk, table("k"), keyed_);
  write(next, 2, u"c");
  EXPECT_EQ(next.finish(), 1);
  EXPECT_EQ(count("k"), 2);
}

TEST_F(Bulk, NamesAreQuoted) {
  session().execute("CREATE TABLE " + quoted("a]b 'c.d") + " ([x]]y] int NULL)");
  BulkSession bulk(endpoint());
  BulkWriter writer(bulk, table("a]b 'c.d"), {{"x]y", type("int")}});
  const std::vector<Cell> row = {integer(5)};
  writer.write(row);
  EXPECT_EQ(writer.finish(), 1);
}

/// Of characters of all lengths, so that pieces end within some.
std::string long_text(std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += std::to_string(text.size()) + "\xE2\x82\xAC\xF0\x9F\x9A\x80";
  return text;
}

TEST_F(Bulk, LongValuesAreBroughtPieceByPieceAmongOthers) {
  // Columns that no cell is for stand between and behind them.
  session().execute("CREATE TABLE " + quoted("l") +
                    " (id int NOT NULL PRIMARY KEY, t nvarchar(max), other nvarchar(max), n int, b varbinary(max), "
                    "s nvarchar(20), e nvarchar(max), last varbinary(max))");
  const std::vector<BulkColumn> columns = {{"id", type("int")},
                                           {"b", type("varbinary", TargetType::kMax)},
                                           {"t", type("nvarchar", TargetType::kMax)},
                                           {"n", type("int")},
                                           {"s", type("nvarchar", 20)},
                                           {"e", type("nvarchar", TargetType::kMax)}};
  using Form = schema::LongValue::Form;
  const std::string words = long_text(900'000);
  std::string hex;
  for (int i = 0; i < 300'000; ++i) hex += {"0123456789abcdef"[i / 16 % 16], "0123456789abcdef"[i % 16]};
  const Cell none;
  const std::vector<std::vector<Cell>> rows = {
      {integer(1), binary({1}), text(u"short"), integer(10), text(u"s"), text(u"")},
      {integer(2), pieces(Form::kHex, hex), pieces(Form::kUtf8, words), integer(20), text(u"s"), text(u"few")},
      {integer(3), none, pieces(Form::kUtf8, words), none, none, none},
      {integer(4), binary({1, 2}), text(u"short"), integer(40), text(u"s"), none},
      {integer(5), pieces(Form::kBytes, words), none, integer(50), text(u"s"), text(u"")},
      {integer(6), binary({}), pieces(Form::kUtf8, words), integer(60), text(u""), pieces(Form::kUtf8, words)},
      {integer(7), none, none, none, none, none}};
  BulkSession bulk(endpoint());
  BulkWriter writer(bulk, table("l"), columns);
  for (const auto& row : rows) {
    writer.write(row);
    if (row[0].integer == 3) {
      EXPECT_EQ(writer.commit(), 3);
    }
  }
  EXPECT_EQ(writer.finish(), 4);

  const auto size = [](std::size_t bytes) { return std::to_string(bytes); };
  const auto units = size(to_utf16(words).size() * 2);
  std::vector<std::string> seen;
  for (const Row& row : session().query(
           "SELECT CONCAT(id, ' ', ISNULL(CAST(DATALENGTH(b) AS varchar(20)), '-'), ' ', ISNULL(CAST(DATALENGTH(t) AS "
           "varchar(20)), '-'), ' ', ISNULL(CAST(n AS varchar(20)), '-'), ' ', ISNULL(s, '-'), ' ', "
           "ISNULL(CAST(DATALENGTH(e) AS varchar(20)), '-'), ' ', ISNULL(other, '-'), "
           "ISNULL(CAST(DATALENGTH(last) AS varchar(20)), '-')) FROM " +
           quoted("l") + " ORDER BY id")) {
    seen.push_back(row.at(0).value());
  }
  EXPECT_THAT(seen, ElementsAre("1 1 10 10 s 0 --", "2 300000 " + units + " 20 s 6 --", "3 - " + units + " - - - --",
                                "4 2 10 40 s - --", "5 " + size(words.size()) + " - 50 s 0 --",
                                "6 0 " + units + " 60  " + units + " --", "7 - - - - - --"));
  EXPECT_EQ(value("SELECT t FROM " + quoted("l") + " WHERE id = 2"), words);
  EXPECT_EQ(value("SELECT e FROM " + quoted("l") + " WHERE id = 6"), words);
  EXPECT_EQ(value("SELECT t FROM " + quoted("l") + " WHERE id = 4"), "short");
}

TEST_F(Bulk, ALongValueHasNoPlaceInAColumnOfALength) {
  make_keyed();
  BulkSession bulk(endpoint());
  BulkWriter writer(bulk, table("k"), keyed_);
  const std::string words = long_text(900'000);
  const std::vector<Cell> row = {integer(1), pieces(schema::LongValue::Form::kUtf8, words)};
  EXPECT_EQ(number_of([&] { writer.write(row); }), 2628);
}

}  // namespace
}  // namespace millrace::sqlserver
