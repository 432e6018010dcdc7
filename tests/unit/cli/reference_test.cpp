#include "cli/reference.hpp"

#include <gmock/gmock.h>

#include <CLI/CLI.hpp>

#include <fstream>
#include <iterator>

#include "cli/app.hpp"

namespace millrace::cli {
namespace {

std::string file(const std::string& name) {
  std::ifstream in(std::string(MILLRACE_ROOT) + "/" + name);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Reference, TheFilesAreWhatTheCommandLineSays) {
  EXPECT_EQ(file("docs/reference/cli.md"), command_line_page()) << "run scripts/cli_doc.py";
  EXPECT_EQ(file("packaging/man/millrace.1"), command_line_man_page()) << "run scripts/cli_doc.py";
}

TEST(Reference, TellsWhatACommandTakes) {
  CLI::App root("What it is.");
  std::string text;
  int number = 7;
  bool flag = false;
  root.add_option("-o,--output", text, "How it looks");
  auto* verb = root.add_subcommand("go", "Go somewhere");
  verb->add_option("place", text, "Where to | or not")->required();
  verb->add_option("--far", number, "How far")->capture_default_str()->group("Distance");
  verb->add_flag("-b,--back", flag, "And back");
  verb->add_subcommand("hidden", "Nobody sees it")->group("");
  verb->footer("It is far.\n\n  millrace go there\n\nTwice as far back.");
  const auto page = reference_page(root);
  EXPECT_THAT(page, ::testing::HasSubstr("\n## millrace go\n\nGo somewhere\n\n    millrace go place [OPTIONS]\n"));
  EXPECT_THAT(page, ::testing::HasSubstr("| `place` | Where to \\| or not |"));
  EXPECT_THAT(page, ::testing::HasSubstr("*Distance*\n\n| option | |\n|---|---|\n| `--far N` | How far (default 7) |"));
  EXPECT_THAT(page, ::testing::HasSubstr("| `-b, --back` | And back |"));
  EXPECT_THAT(page, ::testing::HasSubstr("It is far.\n\n    millrace go there\n\nTwice as far back.\n"));
  EXPECT_THAT(page, ::testing::Not(::testing::HasSubstr("hidden")));
  EXPECT_THAT(man_page(root), ::testing::HasSubstr(".TP\n.B \\-b, \\-\\-back\nAnd back\n"));
}

}  // namespace
}  // namespace millrace::cli
