#include "cli/completion.hpp"

#include <gmock/gmock.h>

#include <CLI/CLI.hpp>

#include "support/error.hpp"

namespace millrace::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class CompletionTest : public ::testing::Test {
 protected:
  CompletionTest() {
    root_.fallthrough();
    root_.add_option("-o,--output", text_, "How it looks");
    root_.add_option("--data-dir", text_, "Where");
    root_.add_option("--context", text_, "Which server");
    auto* pause = root_.add_subcommand("pause", "Stop\nfor a while");
    pause->add_option("pipeline", text_, "Name");
    auto* reload = root_.add_subcommand("reload", "Load anew");
    reload->add_option("pipeline", text_, "Name");
    reload->add_option("table", texts_, "Name")->expected(1);
    auto* remove = root_.add_subcommand("remove-tables", "Take out");
    remove->add_option("pipeline", text_, "Name");
    remove->add_option("tables", texts_, "Names")->delimiter(',');
    remove->add_flag("--drop-tables", flag_, "With their rows");
    auto* apply = root_.add_subcommand("apply", "Apply");
    apply->add_option("-f,--file", texts_, "File");
    auto* context = root_.add_subcommand("context", "Servers");
    context->add_subcommand("use", "Work there")->add_option("name", text_, "Name");
    context->add_subcommand("list", "Show");
    root_.add_subcommand("secret", "Not shown")->group("");
    auto* connections = root_.add_subcommand("connections", "Saved ones");
    for (const char* verb : {"show", "create"}) {
      connections->add_subcommand(verb, "")->add_option("connection", text_, "Name");
    }
    pause->add_option("--source-connection", text_, "A saved one");
  }

  Completion completed(const std::vector<std::string>& words) { return complete(root_, words, names_); }
  std::vector<std::string> texts(const std::vector<std::string>& words) {
    std::vector<std::string> found;
    for (const auto& candidate : completed(words).candidates) found.push_back(candidate.text);
    return found;
  }

  CLI::App root_{"What it is."};
  std::string text_;
  std::vector<std::string> texts_;
  bool flag_ = false;
  LiveNames names_{.pipelines =
                       [] {
                         return std::vector<std::string>{"SHOP", "STOCK"};
                       },
                   .tables =
                       [](const std::string& pipeline) {
                         return std::vector<std::string>{pipeline + ".orders", pipeline + ".lines"};
                       },
                   .contexts =
                       [] {
                         return std::vector<std::string>{"local", "prod"};
                       },
                   .connections =
                       [] {
                         return std::vector<std::string>{"copy", "shop"};
                       }};
};

TEST_F(CompletionTest, VerbsAndTheirHelp) {
  EXPECT_THAT(texts({""}), ElementsAre("pause", "reload", "remove-tables", "apply", "context", "connections"));
  EXPECT_THAT(texts({"re"}), ElementsAre("reload", "remove-tables"));
  EXPECT_EQ(completed({"pa"}).candidates.at(0).help, "Stop");
  EXPECT_THAT(texts({"context", ""}), ElementsAre("use", "list"));
  EXPECT_THAT(texts({}), ElementsAre("pause", "reload", "remove-tables", "apply", "context", "connections"));
}

TEST_F(CompletionTest, SavedConnectionsWhereOneIsMeant) {
  EXPECT_THAT(texts({"connections", "show", ""}), ElementsAre("copy", "shop"));
  EXPECT_THAT(texts({"connections", "create", ""}), IsEmpty()) << "it is to be a new name";
  EXPECT_THAT(texts({"pause", "--source-connection", "s"}), ElementsAre("shop"));
}

TEST_F(CompletionTest, OptionsOfTheVerbAndOfAll) {
  EXPECT_THAT(texts({"remove-tables", "--d"}), ElementsAre("--drop-tables", "--data-dir"));
  EXPECT_THAT(texts({"pause", "--dr"}), IsEmpty());
}

TEST_F(CompletionTest, ValuesOfOptionsHoweverTheyAreWritten) {
  EXPECT_THAT(texts({"-o", ""}), ElementsAre("table", "json", "yaml"));
  EXPECT_THAT(texts({"pause", "SHOP", "--output", "j"}), ElementsAre("json"));
  EXPECT_THAT(texts({"pause", "--output=y"}), ElementsAre("yaml"));
  EXPECT_THAT(texts({"pause", "--output", "=", "y"}), ElementsAre("yaml"));
  EXPECT_THAT(texts({"pause", "--output", "="}), ElementsAre("table", "json", "yaml"));
  EXPECT_THAT(texts({"--context", "p"}), ElementsAre("prod"));
  EXPECT_TRUE(completed({"apply", "-f", ""}).files);
  EXPECT_TRUE(completed({"--data-dir", "/"}).files);
  EXPECT_FALSE(completed({"apply", ""}).files);
}

TEST_F(CompletionTest, NamesThatAServerKnows) {
  EXPECT_THAT(texts({"pause", ""}), ElementsAre("SHOP", "STOCK"));
  EXPECT_THAT(texts({"-o", "json", "pause", "SH"}), ElementsAre("SHOP"));
  EXPECT_THAT(texts({"pause", "SHOP", ""}), IsEmpty());
  EXPECT_THAT(texts({"reload", "STOCK", "STOCK.o"}), ElementsAre("STOCK.orders"));
  EXPECT_THAT(texts({"remove-tables", "SHOP", "SHOP.orders,SHOP.l"}), ElementsAre("SHOP.orders,SHOP.lines"));
  EXPECT_THAT(texts({"remove-tables", "SHOP", "SHOP.orders", "SHOP.l"}), ElementsAre("SHOP.lines"));
  EXPECT_THAT(texts({"context", "use", ""}), ElementsAre("local", "prod"));
}

TEST_F(CompletionTest, AfterTwoDashesNothingIsAnOption) {
  EXPECT_THAT(texts({"pause", "--", "-"}), IsEmpty());
  EXPECT_THAT(texts({"pause", "--", "S"}), ElementsAre("SHOP", "STOCK"));
}

TEST_F(CompletionTest, OptionsOfTheRootSayWhereNamesAre) {
  const auto given = root_options(root_, {"--context", "prod", "remove-tables", "--data-dir=/d", "--drop-tables", ""});
  ASSERT_EQ(given.size(), 2U);
  EXPECT_EQ(given[0].second, "prod");
  EXPECT_EQ(given[1].second, "/d");
}

TEST(CompletionScript, IsThereForThreeShells) {
  for (const char* shell : {"bash", "zsh", "fish"})
    EXPECT_THAT(completion_script(shell), ::testing::HasSubstr("__complete"));
  EXPECT_THROW(completion_script("csh"), Error);
}

}  // namespace
}  // namespace millrace::cli
