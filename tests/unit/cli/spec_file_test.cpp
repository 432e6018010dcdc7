#include "cli/spec_file.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "support/error.hpp"

namespace millrace::cli {
namespace {

constexpr const char* kShop =
    "name: SHOP\n"
    "source: {url: postgres://u@pg/shop, password: \"${env:MILLRACE_TEST_SECRET}\"}\n"
    "target: {url: sqlserver://t@sql/copy}\n"
    "tables: [orders]\n";

nlohmann::ordered_json no_connection(const std::string& name) {
  throw Error(ErrorCode::kObjectNotFound, "There is no connection " + name + ".");
}

class SpecFileTest : public ::testing::Test {
 protected:
  SpecFileTest() {
    std::string name = std::string(::testing::TempDir()) + "specs.XXXXXX";
    directory_ = ::mkdtemp(name.data());
    ::setenv("MILLRACE_TEST_SECRET", "open sesame", 1);
  }
  ~SpecFileTest() override {
    ::unsetenv("MILLRACE_TEST_SECRET");
    std::filesystem::remove_all(directory_);
  }

  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(directory_ / name) << text;
    return directory_ / name;
  }

  std::string fault(const std::string& text, ErrorCode code = ErrorCode::kUsage) const {
    const auto file = write("fault.yaml", text);
    try {
      read_spec_files({file}, no_connection);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code);
      EXPECT_EQ(error.message().find("open sesame"), std::string::npos);
      const auto& message = error.message();
      return message.starts_with(directory_.string()) ? message.substr(directory_.string().size() + 1) : message;
    }
    return "";
  }

  std::filesystem::path directory_;
};

TEST_F(SpecFileTest, FollowsReferences) {
  const auto secret = write("secret", "from a file\n");
  auto text = std::string(kShop) + "kafka_connect:\n  url: http://c:8083\n  source_overrides: {a: \"${file:/x:k}\"}\n";
  text.replace(text.find("sqlserver://t@sql/copy}"), 23,
               "sqlserver://t@sql/copy, password: \"${file:" + secret + "}\"}");
  const auto files = read_spec_files({write("shop.yaml", text)}, no_connection);
  ASSERT_EQ(files.size(), 1U);
  EXPECT_EQ(files[0].spec.source.password.reveal(), "open sesame");
  EXPECT_EQ(files[0].spec.target.password.reveal(), "from a file");
  EXPECT_EQ(files[0].spec.kafka.source_overrides.at("a"), "${file:/x:k}");
}

TEST_F(SpecFileTest, NamesThePlaceOfEveryFault) {
  EXPECT_EQ(fault("source:\n  hots: x\n"), "fault.yaml:2:3: There is no option source.hots.");
  EXPECT_EQ(fault("source:\n  port: many\n"), "fault.yaml:2:3: source.port must be a whole number from 1 to 65535.");
  EXPECT_EQ(fault("name: A\n"), "fault.yaml: source.host is missing.");
  EXPECT_EQ(fault("source:\n  host: x\n"), "fault.yaml:1:1: source.database is missing.");
  EXPECT_EQ(fault("mapping:\n  tables:\n    public.orders:\n      renam: a.b\n"),
            "fault.yaml:4:7: There is no option mapping.tables.public.orders.renam.");
  EXPECT_EQ(fault(std::string(kShop) + "kafka_connect:\n  sink_tasks: 2\n"),
            "fault.yaml:6:3: kafka_connect.sink_tasks is an option of the engine kafka-connect, and this pipeline's "
            "engine is embedded.");
  EXPECT_EQ(fault("source:\n  password: ${env:MILLRACE_TEST_NONE}\n", ErrorCode::kSecretMissing),
            "fault.yaml:2:3: The variable MILLRACE_TEST_NONE is not set.");
  EXPECT_EQ(fault("source:\n  password: ${file:/no/such}\n", ErrorCode::kSecretMissing),
            "fault.yaml:2:3: The file /no/such cannot be read.");
  EXPECT_EQ(fault("source:\n  password: ${vault:x}\n"), "fault.yaml:2:3: A reference is ${env:NAME} or ${file:PATH}.");
  EXPECT_EQ(fault(""), "No pipeline is described.");
  EXPECT_EQ(fault(std::string(kShop) + "---\n" + kShop), "fault.yaml: SHOP is described twice.");
}

TEST_F(SpecFileTest, ADirectoryIsReadInTheOrderOfItsNames) {
  auto other = std::string(kShop);
  other.replace(other.find("SHOP"), 4, "OTHER");
  write("b.yaml", kShop);
  write("a.yml", other);
  write("notes.txt", "not: [read");
  const auto files = read_spec_files({directory_}, no_connection);
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files[0].spec.name, "OTHER");
  EXPECT_EQ(files[1].spec.name, "SHOP");
}

TEST_F(SpecFileTest, ANameThatIsLeftOutIsDerived) {
  auto text = std::string(kShop);
  text.erase(0, text.find('\n') + 1);
  EXPECT_EQ(read_spec_files({write("a.yaml", text)}, no_connection)[0].spec.name, "P_SHOP_TO_COPY");
}

TEST_F(SpecFileTest, ASideMayBeASavedConnection) {
  const auto saved = [](const std::string& name) -> nlohmann::ordered_json {
    return {{"id", "c1"},
            {"name", name},
            {"kind", "source"},
            {"endpoint", {{"host", "db"}, {"database", "shop"}, {"user", "cdc"}}}};
  };
  const auto file = write(
      "a.yaml", "source: {connection: shop, schema: sales}\ntarget: {url: sqlserver://t:p@sql/copy}\ntables: [a]\n");
  const auto spec = read_spec_files({file}, saved)[0].spec;
  EXPECT_EQ(spec.name, "P_SHOP_TO_COPY") << "the name follows from the connection's database";
  EXPECT_EQ(spec.source.connection, "c1");
  EXPECT_EQ(spec.source.schema, "sales");
  EXPECT_THAT(fault("source: {connection: shop, host: other}\ntarget: {url: sqlserver://t@sql/copy}\ntables: [a]\n"),
              ::testing::AllOf(::testing::StartsWith("fault.yaml:1:"),
                               ::testing::HasSubstr("source.host comes with the saved connection.")));
  EXPECT_THAT(
      fault("tables: [a]\nsource: {connection: shop}\n", ErrorCode::kObjectNotFound),
      ::testing::AllOf(::testing::StartsWith("fault.yaml:2:"), ::testing::HasSubstr("There is no connection shop.")));
}

}  // namespace
}  // namespace millrace::cli
