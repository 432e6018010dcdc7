#include "replication/table_spool.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "unit/pgoutput/message_bytes.hpp"

namespace millrace::replication {
namespace {

namespace message = pgoutput::bytes;

/// What a replay tells, in a line each.
struct Told {
  std::vector<std::string> lines;
  std::size_t mapped = 0;  ///< values that lie in a file

  TableSpool::Reader reader() {
    return {.begin = [this](Lsn lsn, std::int64_t time) { add("begin", lsn, time); },
            .change =
                [this](const pgoutput::Message& told) {
                  std::string line = "insert";
                  for (const auto& field : std::get<pgoutput::Insert>(told).row) {
                    line += " " + std::string(field.value);
                    mapped += field.mapped != nullptr ? 1 : 0;
                  }
                  lines.push_back(std::move(line));
                },
            .commit = [this](Lsn lsn, std::int64_t time) { add("commit", lsn, time); }};
  }

 private:
  void add(const std::string& what, Lsn lsn, std::int64_t time) {
    lines.push_back(what + " " + lsn.to_string() + " " + std::to_string(time));
  }
};

class TableSpoolTest : public testing::Test {
 protected:
  SpillBudget budget_{std::uint64_t{1} << 30U, 0};
  TableSpool spool_{std::filesystem::temp_directory_path(), budget_};
};

TEST_F(TableSpoolTest, TransactionsWithoutAMessageAreNotKept) {
  spool_.begin(Lsn(1), 10);
  spool_.commit(Lsn(2), 11);
  spool_.begin(Lsn(3), 30);
  spool_.add({message::insert(1, {message::text("a")})}, false);
  spool_.add({message::insert(1, {message::text("b")}, 77)}, true);
  spool_.commit(Lsn(4), 31);
  Told told;
  spool_.replay(told.reader());
  EXPECT_EQ(told.lines, (std::vector<std::string>{"begin 0/3 30", "insert a", "insert b", "commit 0/4 31"}));
}

TEST_F(TableSpoolTest, LongValuesComeBackInAFile) {
  const std::string large(5'000'000, 'x');
  spool_.begin(Lsn(1), 10);
  spool_.add({message::insert(1, {message::text("1"), message::text(large)})}, false);
  spool_.add({message::insert(1, {message::text("2"), message::binary(large), message::text("few")}, 77)}, true);
  spool_.add({message::insert(1, {message::text("3"), message::text("few")})}, false);
  spool_.commit(Lsn(2), 11);
  Told told;
  spool_.replay(told.reader());
  EXPECT_EQ(told.lines, (std::vector<std::string>{"begin 0/1 10", "insert 1 " + large, "insert 2 " + large + " few",
                                                  "insert 3 few", "commit 0/2 11"}));
  EXPECT_EQ(told.mapped, 2U);
}

}  // namespace
}  // namespace millrace::replication
