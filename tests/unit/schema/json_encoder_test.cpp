#include "encoder_fixture.hpp"

namespace millrace::schema {
namespace {

SourceType array_of(std::string element) {
  auto type = source_type(std::move(element));
  type.is_array = true;
  type.declared += "[]";
  return type;
}

SourceType composite(std::vector<SourceAttribute> attributes) {
  return {.schema = "public",
          .name = "address",
          .kind = TypeKind::kComposite,
          .declared = "address",
          .attributes = std::move(attributes)};
}

std::string json(const SourceType& type, std::string_view text) {
  return Encoded(mapping(type)).text(text);
}

TEST(ArrayEncoder, GivesNumbersBoolsAndNullsTheirJson) {
  EXPECT_EQ(json(array_of("int4"), "{}"), "[]");
  EXPECT_EQ(json(array_of("int4"), "{{1,NULL},{3,-4}}"), "[[1,null],[3,-4]]");
  EXPECT_EQ(json(array_of("numeric"), "{1.50,NaN,-Infinity,12345678901234567890.123456789}"),
            R"([1.50,"NaN","-Infinity",12345678901234567890.123456789])");
  EXPECT_EQ(json(array_of("float8"), "{1e+300,-0,Infinity}"), R"([1e+300,-0,"Infinity"])");
  EXPECT_EQ(json(array_of("bool"), "{t,f,NULL}"), "[true,false,null]");
  auto vector = array_of("int2");
  vector.declared = "int2vector";
  EXPECT_EQ(json(vector, "1 2 3"), "[1,2,3]");
  EXPECT_EQ(json(vector, ""), "[]");
}

TEST(ArrayEncoder, TellsTextsFromNullAndUnescapesThem) {
  EXPECT_EQ(json(array_of("text"), R"({NULL,"NULL","",plain,"a,b","q\"uote","back\\slash","{x}"," "})"),
            R"([null,"NULL","","plain","a,b","q\"uote","back\\slash","{x}"," "])");
  EXPECT_EQ(json(array_of("text"), "{\"line\nbreak\ttab\x01\"}"), R"(["line\nbreak\ttab\u0001"])");
  EXPECT_EQ(json(array_of("text"), "{漢字,😀}"), R"(["漢字","😀"])");
  EXPECT_EQ(json(array_of("bytea"), R"({"\\x00ff"})"), R"(["\\x00ff"])");
  EXPECT_EQ(json(array_of("box"), "{(1,1),(0,0);(2,2),(1,1)}"), R"x(["(1,1),(0,0)","(2,2),(1,1)"])x");
}

TEST(ArrayEncoder, KeepsLowerBoundsThatAreNotOne) {
  EXPECT_EQ(json(array_of("text"), R"([0:2]={"a,b",NULL,"q\"uote"})"),
            R"({"lower":[0],"values":["a,b",null,"q\"uote"]})");
  EXPECT_EQ(json(array_of("int4"), "[-1:0][2:2]={{1},{2}}"), R"({"lower":[-1,2],"values":[[1],[2]]})");
}

TEST(ArrayEncoder, KeepsJsonElementsAsStringsSoThatNullStaysApart) {
  EXPECT_EQ(json(array_of("jsonb"), R"({"{\"a\": [1]}",null,NULL})"), R"(["{\"a\": [1]}","null",null])");
}

TEST(ArrayEncoder, HoldsAgainstTextsThatAreNone) {
  for (const char* text : {"", "1,2", "{", "{1", "{1,}", "{,1}", "{1}}", "{{1}", "{1}x", "[0:1]{1,2}",
                           "[0:1]=", "[a:1]={1}", "{\"", "{\"\\", "{{{{{{{1}}}}}}}", "[=", "{1{2}}"}) {
    EXPECT_EQ(json(array_of("int4"), text), "malformed") << text;
  }
  EXPECT_EQ(json(array_of("bool"), "{x}"), "malformed");
  EXPECT_EQ(Encoded(mapping(array_of("int4"))).binary("{1}"), "malformed");
}

TEST(CompositeEncoder, NamesAttributesAndTypesThem) {
  const auto address = composite({{"street", source_type("text")}, {"zip", source_type("int4")}});
  EXPECT_EQ(json(address, R"(("Main ""St""",12345))"), R"({"street":"Main \"St\"","zip":12345})");
  EXPECT_EQ(json(address, "(,)"), R"({"street":null,"zip":null})");
  EXPECT_EQ(json(address, R"(("",0))"), R"({"street":"","zip":0})");
  EXPECT_EQ(json(address, R"(("back\\slash",1))"), R"({"street":"back\\slash","zip":1})");
  const auto nested = composite({{"who", source_type("text")}, {"at", address}, {"n", array_of("int4")}});
  EXPECT_EQ(json(nested, R"x((x,"(""a b"",7)","{1,NULL}"))x"),
            R"({"who":"x","at":{"street":"a b","zip":7},"n":[1,null]})");
  auto many = address;
  many.is_array = true;
  EXPECT_EQ(json(many, R"x({"(\"a b\",1)",NULL,"(,)"})x"),
            R"([{"street":"a b","zip":1},null,{"street":null,"zip":null}])");
}

TEST(CompositeEncoder, NumbersAttributesThatItDoesNotKnow) {
  EXPECT_EQ(json(composite({}), "(a,,\"\")"), R"({"f1":"a","f2":null,"f3":""})");
  EXPECT_EQ(json(composite({{"one", source_type("text")}}), "(a,1)"), R"({"one":"a","f2":"1"})");
  EXPECT_EQ(json(composite({{"one", source_type("text")}}), "()"), R"({"one":null})");
  EXPECT_EQ(json(composite({}), "()"), "{}");
  for (const char* text : {"", "(", "a,b", "(a", "(a))", "(\"a)", "(a)x"}) {
    EXPECT_EQ(json(composite({}), text), "malformed") << text;
  }
}

TEST(HstoreEncoder, WritesAnObject) {
  const SourceType hstore = {.schema = "public", .name = "hstore", .declared = "hstore"};
  EXPECT_EQ(json(hstore, ""), "{}");
  EXPECT_EQ(json(hstore, R"("a"=>"1", "q"=>"\"x\"", "b c"=>NULL, "e"=>"NULL", "="=>"=>, \\")"),
            R"({"a":"1","q":"\"x\"","b c":null,"e":"NULL","=":"=>, \\"})");
  for (const char* text : {"a", "\"a\"", "\"a\"=>", "\"a\"=>x", "\"a\"=>\"1\",\"b\"=>\"2\"", "a=>1"}) {
    EXPECT_EQ(json(hstore, text), "malformed") << text;
  }
}

TEST(CopyExpression, AsksForTheTextThatTheStreamSends) {
  const auto expression = [](const SourceType& type, std::optional<TargetType> chosen = {}) {
    return copy_expression(mapping(type, {}, chosen));
  };
  EXPECT_EQ(expression(source_type("int4")), "\"c\"");
  EXPECT_EQ(expression(source_type("bpchar", 10)), "\"c\"");  // a cast to text would strip its blanks
  EXPECT_EQ(expression(array_of("int4")), "\"c\"::text");
  EXPECT_EQ(expression(source_type("tsvector")), "\"c\"::text");
  EXPECT_EQ(expression(source_type("float8"), TargetType{"nvarchar", 30}), "\"c\"::text");
  for (const char* type : {"inet", "cidr", "xml"}) {
    EXPECT_EQ(expression(source_type(type)),
              "CASE WHEN \"c\" IS DISTINCT FROM NULL THEN pg_catalog.format('%s', \"c\") END");
  }
  EXPECT_EQ(expression(composite({})), "CASE WHEN \"c\" IS DISTINCT FROM NULL THEN pg_catalog.format('%s', \"c\") END");
  EXPECT_EQ(copy_format(mapping(source_type("int4"))), WireFormat::kBinary);
  EXPECT_EQ(copy_format(mapping(array_of("int4"))), WireFormat::kText);
  EXPECT_EQ(copy_format(mapping(source_type("float8"), {}, TargetType{"nvarchar", 30})), WireFormat::kText);
}

TEST(BinaryCapable, GoesByTheTypeAndNotByItsName) {
  EXPECT_TRUE(binary_capable(source_type("numeric")));
  EXPECT_FALSE(binary_capable(array_of("int4")));
  EXPECT_FALSE(binary_capable(source_type("int4range")));
  SourceType of_the_user = source_type("int4");
  of_the_user.schema = "public";
  EXPECT_FALSE(binary_capable(of_the_user));
  of_the_user.kind = TypeKind::kEnum;
  EXPECT_TRUE(binary_capable(of_the_user));
}

}  // namespace
}  // namespace millrace::schema
