#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "encoder_fixture.hpp"
#include "support/utf16.hpp"

// For every type of docs/reference/types.md: a random value, written as PostgreSQL's output function and as its send
// function write it, is the same cell from both, and the value can be read back from that cell. Numbers, dates and
// times, texts and arrays of texts have tests of their own (encoder_property_test.cpp).
namespace millrace::schema {
namespace {

std::string hex(std::string_view bytes, const char* digits) {
  std::string text;
  for (const char c : bytes) {
    text += digits[static_cast<unsigned char>(c) >> 4U];
    text += digits[static_cast<unsigned char>(c) & 0xFU];
  }
  return text;
}
constexpr const char* kLower = "0123456789abcdef";
constexpr const char* kUpper = "0123456789ABCDEF";

rc::Gen<std::string> any_bytes() {
  return rc::gen::container<std::string>(rc::gen::arbitrary<char>());
}

/// Characters that the notations of arrays, records and hstore quote, and some beyond ASCII.
rc::Gen<std::string> awkward_text() {
  static const std::vector<std::string> kPieces = {"\"", "\\", ",", " ", "{",  "}",  "(",  ")", "=>", "NULL", "null",
                                                   "\n", "a",  "'", "ä", "漢", "😀", "\t", "[", "]",  ":"};
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(kPieces)),
                      [](const std::vector<std::string>& pieces) {
                        std::string text;
                        for (const auto& piece : pieces) text += piece;
                        return text;
                      });
}

rc::Gen<std::optional<std::string>> text_or_null() {
  return rc::gen::oneOf(rc::gen::just(std::optional<std::string>()),
                        rc::gen::map(awkward_text(), [](std::string text) { return std::optional(std::move(text)); }));
}

std::string escaped(const std::string& text, std::string_view what, const char* with) {
  std::string out;
  for (const char c : text) {
    if (what.find(c) != std::string_view::npos) out += with != nullptr ? *with : c;
    out += c;
  }
  return out;
}

/// A type whose text is kept, and whose binary form, where there is one, is the same bytes.
void check_same_text(const SourceType& type, const rc::Gen<std::string>& values, const std::string& ahead = "") {
  Encoded column(mapping(type));
  const bool binary = binary_capable(type);
  EXPECT_TRUE(rc::check([&] {
    const auto text = *values;
    RC_ASSERT(column.text(text) == text);
    RC_ASSERT(column.cell().text == to_utf16(text));
    if (binary) RC_ASSERT(column.binary(ahead + text) == text);
  })) << type.declared;
}

void bools() {
  Encoded column(mapping(source_type("bool")));
  for (const bool value : {false, true}) {
    const auto* text = value ? "1" : "0";
    EXPECT_EQ(column.text(value ? "t" : "f"), text);
    EXPECT_EQ(column.binary(std::string(1, value ? '\1' : '\0')), text);
  }
}

void xids() {
  Encoded column(mapping(source_type("xid")));
  EXPECT_TRUE(rc::check([&] {
    const auto value = *rc::gen::arbitrary<std::uint32_t>();
    RC_ASSERT(column.text(std::to_string(value)) == std::to_string(value));
    RC_ASSERT(column.binary(wire(value)) == std::to_string(value));
  }));
}

/// "-$1,234.50" (lc_monetary = C).
std::string money_text(std::int64_t cents) {
  const bool negative = cents < 0;
  auto size = negative ? 0 - static_cast<std::uint64_t>(cents) : static_cast<std::uint64_t>(cents);
  const auto behind = size % 100;
  std::string whole = std::to_string(size / 100);
  for (std::size_t at = whole.size(); at > 3;) whole.insert(at -= 3, ",");
  return (negative ? "-$" : "$") + whole + "." + (behind < 10 ? "0" : "") + std::to_string(behind);
}

void moneys() {
  Encoded column(mapping(source_type("money")));
  EXPECT_TRUE(rc::check([&] {
    const auto cents = *rc::gen::arbitrary<std::int64_t>();
    const auto cell = column.text(money_text(cents));
    RC_ASSERT(column.binary(wire(cents)) == cell);
    if (cell.starts_with("refused")) {
      RC_ASSERT(cents / 100 >= 1'000'000'000'000'000 || cents / 100 <= -1'000'000'000'000'000);
      return;
    }
    RC_ASSERT(column.cell().magnitude ==
              Uint128{cents < 0 ? 0 - static_cast<std::uint64_t>(cents) : static_cast<std::uint64_t>(cents)} * 100);
    RC_ASSERT(column.cell().negative == (cents < 0));
  }));
}

void byteas() {
  Encoded column(mapping(source_type("bytea")));
  Encoded text(mapping(source_type("bytea"), {}, TargetType{"nvarchar", TargetType::kMax}));
  EXPECT_TRUE(rc::check([&] {
    const auto bytes = *any_bytes();
    RC_ASSERT(column.text("\\x" + hex(bytes, kLower)) == "0x" + hex(bytes, kUpper));
    RC_ASSERT(column.binary(bytes) == "0x" + hex(bytes, kUpper));
    RC_ASSERT(std::string(column.cell().bytes.begin(), column.cell().bytes.end()) == bytes);
    RC_ASSERT(text.binary(bytes) == text.text("\\x" + hex(bytes, kLower)));
  }));
}

void uuids() {
  Encoded column(mapping(source_type("uuid")));
  EXPECT_TRUE(rc::check([&] {
    const auto bytes = *rc::gen::container<std::string>(16, rc::gen::arbitrary<char>());
    auto text = hex(bytes, kLower);
    for (const std::size_t at : {20U, 16U, 12U, 8U}) text.insert(at, "-");
    RC_ASSERT(column.text(text) == text);
    RC_ASSERT(column.binary(bytes) == text);
    RC_ASSERT(std::string(column.cell().guid.begin(), column.cell().guid.end()) == bytes);
  }));
}

void bit_strings() {
  const auto sent = [](const std::string& bits) {
    auto bytes = wire(static_cast<std::int32_t>(bits.size()));
    for (std::size_t i = 0; i < bits.size(); ++i) {
      if (i % 8 == 0) bytes += '\0';
      if (bits[i] == '1') bytes.back() = static_cast<char>(bytes.back() | 0x80 >> i % 8);
    }
    return bytes;
  };
  Encoded column(mapping(source_type("varbit")));
  EXPECT_TRUE(rc::check([&] {
    const auto bits = *rc::gen::container<std::string>(rc::gen::element('0', '1'));
    RC_ASSERT(column.text(bits) == bits);
    RC_ASSERT(column.binary(sent(bits)) == bits);
  }));
  Encoded one(mapping(source_type("bit", 1)));
  for (const std::string bit : {"0", "1"}) {
    EXPECT_EQ(one.text(bit), bit);
    EXPECT_EQ(one.binary(sent(bit)), bit);
  }
}

/// "04:05:06.789+15:59:59": read here in a way of its own.
void timetzs() {
  Encoded column(mapping(source_type("timetz")));
  const std::regex form(R"((\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?)");
  EXPECT_TRUE(rc::check([&] {
    const auto micros = *rc::gen::inRange<std::int64_t>(0, 86'400'000'001);
    const auto west = *rc::gen::inRange(-57'599, 57'600);
    const auto text = column.binary(wire(micros, west));
    RC_ASSERT(column.text(text) == text);
    std::smatch part;
    RC_ASSERT(std::regex_match(text, part, form));
    const auto number = [&](std::size_t i) { return part[i].matched ? std::stoll(part[i].str()) : 0LL; };
    const auto fraction = part[4].matched ? std::stoll((part[4].str() + "000000").substr(0, 6)) : 0LL;
    RC_ASSERT(((number(1) * 60 + number(2)) * 60 + number(3)) * 1'000'000 + fraction == micros);
    const auto offset = (number(6) * 60 + number(7)) * 60 + number(8);
    RC_ASSERT((part[5].str() == "+" ? -offset : offset) == west);
  }));
}

void intervals() {
  Encoded column(mapping(source_type("interval")));
  const std::regex form(
      R"(P(?:(-?\d+)Y)?(?:(-?\d+)M)?(?:(-?\d+)D)?(?:T(?:(-?\d+)H)?(?:(-?\d+)M)?(?:(-?)(\d+)(?:\.(\d{1,6}))?S)?)?)");
  EXPECT_TRUE(rc::check([&] {
    const auto micros = *rc::gen::arbitrary<std::int64_t>();
    const auto days = *rc::gen::arbitrary<std::int32_t>();
    const auto months = *rc::gen::arbitrary<std::int32_t>();
    const auto text = column.binary(wire(micros, days, months));
    RC_PRE(text.find("infinity") == std::string::npos);
    RC_ASSERT(column.text(text) == text);
    std::smatch part;
    RC_ASSERT(std::regex_match(text, part, form));
    const auto number = [&](std::size_t i) { return part[i].matched ? std::stoll(part[i].str()) : 0LL; };
    const auto fraction = part[8].matched ? std::stoll((part[8].str() + "000000").substr(0, 6)) : 0LL;
    const auto rest = (number(7) * 1'000'000 + fraction) * (part[6].str() == "-" ? -1 : 1);
    // Unsigned: the lowest number is reached by steps that pass it.
    const auto hours = static_cast<std::uint64_t>(number(4)) * 60 + static_cast<std::uint64_t>(number(5));
    RC_ASSERT(static_cast<std::int64_t>(hours * 60'000'000 + static_cast<std::uint64_t>(rest)) == micros);
    RC_ASSERT(number(3) == days);
    RC_ASSERT(number(1) * 12 + number(2) == months);
  }));
}

/// n counts characters there and UTF-16 units here: a value of n characters always fits.
void bounded_texts() {
  for (const char* name : {"bpchar", "varchar"}) {
    const int length = 20;
    Encoded column(mapping(source_type(name, length)));
    EXPECT_TRUE(rc::check([&] {
      std::string text;
      for (int i = *rc::gen::inRange(0, length + 1); i > 0; --i)
        text += *rc::gen::elementOf(std::vector<std::string>{"x", " ", "ä", "漢", "😀", "🏴"});
      RC_ASSERT(column.text(text) == text);
      RC_ASSERT(column.binary(text) == text);
    })) << name;
  }
  check_same_text(source_type("name"), rc::gen::map(awkward_text(), [](const std::string& text) {
                    return text.size() < 64 ? text : std::string("pg_class");
                  }));
  check_same_text({.schema = "public", .name = "citext", .declared = "citext"}, awkward_text());
}

void documents() {
  check_same_text(source_type("json"), awkward_text());
  check_same_text(source_type("jsonb"), awkward_text(), "\1");
  check_same_text(source_type("xml"), awkward_text());
}

void enums() {
  check_same_text(
      {.schema = "public", .name = "mood", .kind = TypeKind::kEnum, .longest_label = 200, .declared = "mood"},
      rc::gen::map(awkward_text(),
                   [](const std::string& text) { return to_utf16(text).size() <= 200 ? text : std::string("ok"); }));
}

/// A domain is resolved where the catalog is read: nothing but its name is left.
void domains() {
  auto type = source_type("int4");
  type.domain = "public.positive";
  Encoded column(mapping(type));
  EXPECT_TRUE(rc::check([&] {
    const auto value = *rc::gen::arbitrary<std::int32_t>();
    RC_ASSERT(column.text(std::to_string(value)) == std::to_string(value));
    RC_ASSERT(column.binary(wire(value)) == std::to_string(value));
  }));
}

rc::Gen<std::string> number_text() {
  return rc::gen::map(rc::gen::arbitrary<std::int32_t>(), [](std::int32_t value) { return std::to_string(value); });
}

rc::Gen<std::string> joined(const rc::Gen<std::string>& one, std::size_t count, const std::string& between) {
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(count, one),
                      [between](const std::vector<std::string>& all) {
                        std::string text;
                        for (const auto& each : all) text += (text.empty() ? "" : between) + each;
                        return text;
                      });
}

void networks() {
  const auto byte = rc::gen::map(rc::gen::inRange(0, 256), [](int value) { return std::to_string(value); });
  const auto group = rc::gen::map(rc::gen::inRange(0, 65536), [](int value) {
    const char bytes[] = {static_cast<char>(value >> 8), static_cast<char>(value)};
    return hex({bytes, 2}, kLower);
  });
  const auto pair = rc::gen::map(rc::gen::arbitrary<char>(), [](char c) { return hex({&c, 1}, kLower); });
  const auto masked = [](const rc::Gen<std::string>& address, int most) {
    return rc::gen::map(rc::gen::pair(address, rc::gen::inRange(0, most + 1)),
                        [](const auto& both) { return both.first + "/" + std::to_string(both.second); });
  };
  for (const char* type : {"inet", "cidr"}) {
    check_same_text(source_type(type), masked(joined(byte, 4, "."), 32));
    check_same_text(source_type(type), masked(joined(group, 8, ":"), 128));
  }
  check_same_text(source_type("macaddr"), joined(pair, 6, ":"));
  check_same_text(source_type("macaddr8"), joined(pair, 8, ":"));
}

void kept_texts() {
  const auto range = rc::gen::map(rc::gen::pair(number_text(), number_text()),
                                  [](const auto& ends) { return "[" + ends.first + "," + ends.second + ")"; });
  auto int4range = source_type("int4range");
  int4range.kind = TypeKind::kRange;
  check_same_text(int4range, range);
  auto multirange = source_type("int4multirange");
  multirange.kind = TypeKind::kMultirange;
  check_same_text(multirange,
                  rc::gen::map(joined(range, 3, ","), [](const std::string& all) { return "{" + all + "}"; }));
  for (const char* type :
       {"tsvector", "tsquery", "pg_lsn", "point", "line", "lseg", "box", "path", "polygon", "circle"}) {
    check_same_text(source_type(type), awkward_text());
  }
  check_same_text({.schema = "public", .name = "ltree", .declared = "ltree"}, awkward_text());
  check_same_text({.schema = "public", .name = "vector", .declared = "vector(3)"},
                  rc::gen::map(joined(number_text(), 3, ","), [](const std::string& all) { return "[" + all + "]"; }));
}

nlohmann::json json_of(const std::optional<std::string>& text) {
  return text ? nlohmann::json(*text) : nlohmann::json(nullptr);
}

/// What record_out writes, and what stands in the cell read back by a JSON reader.
void composites() {
  auto number = source_type("int4");
  const SourceType type = {.schema = "public",
                           .name = "thing",
                           .kind = TypeKind::kComposite,
                           .declared = "thing",
                           .attributes = {{"what \"it\" is", source_type("text")}, {"how many", number}}};
  Encoded column(mapping(type));
  EXPECT_TRUE(rc::check([&] {
    const auto what = *text_or_null();
    const auto many = *rc::gen::arbitrary<std::int32_t>();
    const auto text =
        "(" + (what ? "\"" + escaped(*what, "\"\\", nullptr) + "\"" : std::string()) + "," + std::to_string(many) + ")";
    const auto read = nlohmann::json::parse(column.text(text));
    RC_ASSERT(read.at("what \"it\" is") == json_of(what));
    RC_ASSERT(read.at("how many") == many);
  }));
}

void hstores() {
  Encoded column(mapping({.schema = "public", .name = "hstore", .declared = "hstore"}));
  EXPECT_TRUE(rc::check([&] {
    const auto pairs =
        *rc::gen::container<std::map<std::string, std::optional<std::string>>>(awkward_text(), text_or_null());
    std::string text;
    auto expected = nlohmann::json::object();
    for (const auto& [key, value] : pairs) {
      const auto quoted = [](const std::string& word) { return "\"" + escaped(word, "\"\\", "\\") + "\""; };
      text += (text.empty() ? "" : ", ") + quoted(key) + "=>" + (value ? quoted(*value) : "NULL");
      expected[key] = json_of(value);
    }
    RC_ASSERT(nlohmann::json::parse(column.text(text)) == expected);
  }));
}

/// Numbers, with NULLs, in any depth that is a box.
void arrays() {
  auto type = source_type("int8");
  type.is_array = true;
  Encoded column(mapping(type));
  EXPECT_TRUE(rc::check([&] {
    const auto rows = *rc::gen::inRange(1, 4);
    const auto columns = *rc::gen::inRange(1, 4);
    auto expected = nlohmann::json::array();
    std::string text = "{";
    for (int row = 0; row < rows; ++row) {
      expected.push_back(nlohmann::json::array());
      text += row == 0 ? "{" : ",{";
      for (int i = 0; i < columns; ++i) {
        if (i > 0) text += ",";
        if (*rc::gen::arbitrary<bool>()) {
          const auto value = *rc::gen::arbitrary<std::int64_t>();
          expected.back().push_back(value);
          text += std::to_string(value);
        } else {
          expected.back().push_back(nullptr);
          text += "NULL";
        }
      }
      text += "}";
    }
    RC_ASSERT(nlohmann::json::parse(column.text(text + "}")) == expected);
  }));
}

/// EWKB of a point, in both byte orders, from its hex digits and its bytes; the coordinates are read back.
void geometries() {
  for (const char* name : {"geometry", "geography"}) {
    Encoded column(mapping({.schema = "public", .name = name, .declared = name}));
    EXPECT_TRUE(rc::check([&] {
      const auto x = *rc::gen::arbitrary<std::int32_t>() / 1024.0;
      const auto y = *rc::gen::arbitrary<std::int32_t>() / 1024.0;
      const bool little = *rc::gen::arbitrary<bool>();
      const auto in_order = [&](std::string big) { return little ? std::string(big.rbegin(), big.rend()) : big; };
      const auto bytes = std::string(1, little ? '\1' : '\0') + in_order(wire(std::uint32_t{0x20000001})) +
                         in_order(wire(std::int32_t{4326})) + in_order(wire(std::bit_cast<std::uint64_t>(x))) +
                         in_order(wire(std::bit_cast<std::uint64_t>(y)));
      const auto text = column.binary(bytes);
      RC_ASSERT(column.text(hex(bytes, kUpper)) == text);
      std::smatch part;
      RC_ASSERT(std::regex_match(text, part, std::regex(R"(SRID=4326;POINT\((\S+) (\S+)\))")));
      RC_ASSERT(std::stod(part[1].str()) == x);
      RC_ASSERT(std::stod(part[2].str()) == y);
    })) << name;
  }
}

void elsewhere() {}  // encoder_property_test.cpp

/// By the words of the first column of docs/reference/types.md.
const std::map<std::string, std::function<void()>>& proofs() {
  static const std::map<std::string, std::function<void()>> kProofs = {{"boolean", bools},
                                                                       {"bit(1)", bit_strings},
                                                                       {"smallint", elsewhere},
                                                                       {"integer", elsewhere},
                                                                       {"bigint", elsewhere},
                                                                       {"oid", elsewhere},
                                                                       {"xid", xids},
                                                                       {"real", elsewhere},
                                                                       {"double precision", elsewhere},
                                                                       {"numeric(p,s)", elsewhere},
                                                                       {"numeric", elsewhere},
                                                                       {"money", moneys},
                                                                       {"char(n)", bounded_texts},
                                                                       {"varchar(n)", bounded_texts},
                                                                       {"text", elsewhere},
                                                                       {"citext", bounded_texts},
                                                                       {"name", bounded_texts},
                                                                       {"bytea", byteas},
                                                                       {"date", elsewhere},
                                                                       {"timestamp(p)", elsewhere},
                                                                       {"timestamptz(p)", elsewhere},
                                                                       {"time(p)", elsewhere},
                                                                       {"timetz", timetzs},
                                                                       {"interval", intervals},
                                                                       {"uuid", uuids},
                                                                       {"json", documents},
                                                                       {"jsonb", documents},
                                                                       {"xml", documents},
                                                                       {"enum", enums},
                                                                       {"domain", domains},
                                                                       {"array", arrays},
                                                                       {"composite", composites},
                                                                       {"hstore", hstores},
                                                                       {"bit(n)", bit_strings},
                                                                       {"bit varying(n)", bit_strings},
                                                                       {"inet", networks},
                                                                       {"cidr", networks},
                                                                       {"macaddr", networks},
                                                                       {"macaddr8", networks},
                                                                       {"ranges", kept_texts},
                                                                       {"multiranges", kept_texts},
                                                                       {"tsvector", kept_texts},
                                                                       {"tsquery", kept_texts},
                                                                       {"geometric types", kept_texts},
                                                                       {"pg_lsn", kept_texts},
                                                                       {"other extension types", kept_texts},
                                                                       {"geometry", geometries},
                                                                       {"geography", geometries},
                                                                       {"vector", kept_texts}};
  return kProofs;
}

TEST(TypeProperty, EveryTypeIsReadBackFromItsCellAndIsTheSameFromBothForms) {
  std::set<void (*)()> done;
  for (const auto& [type, proof] : proofs()) {
    SCOPED_TRACE(type);
    if (done.insert(*proof.target<void (*)()>()).second) proof();
  }
}

/// The first column of the table: what stands in backquotes, and words; ranges of precision and scale are neither.
std::set<std::string> documented() {
  std::ifstream file(MILLRACE_GOLDEN_DIR "/../../docs/reference/types.md");
  std::set<std::string> types;
  const std::regex piece("`([^`]+)`|[^,`]+");
  for (std::string line; std::getline(file, line) && !line.starts_with("## ");) {
    if (!line.starts_with("| ") || line.starts_with("| PostgreSQL") || line.starts_with("| generated column")) continue;
    const auto cell = line.substr(2, line.find(" |", 1) - 2);
    for (std::sregex_iterator each(cell.begin(), cell.end(), piece), end; each != end; ++each) {
      auto text = (*each)[1].matched ? (*each)[1].str() : (*each)[0].str();
      text.erase(0, text.find_first_not_of(' '));
      const bool words = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz ") == std::string::npos;
      if ((*each)[1].matched || (words && !text.empty() && !text.starts_with("without "))) types.insert(text);
    }
  }
  return types;
}

TEST(TypeProperty, EveryTypeOfThePageHasItsProof) {
  const auto types = documented();
  EXPECT_GT(types.size(), 40U);
  for (const auto& type : types) EXPECT_TRUE(proofs().contains(type)) << type;
  for (const auto& [type, proof] : proofs()) EXPECT_TRUE(types.contains(type)) << type;
}

}  // namespace
}  // namespace millrace::schema
