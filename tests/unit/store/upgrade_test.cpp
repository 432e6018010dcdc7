#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>

#include <filesystem>

#include "store/migrations.hpp"
#include "store/pipelines.hpp"
#include "store/runs.hpp"
#include "store/sqlite_backend.hpp"
#include "unit/store/old_rows.hpp"

namespace millrace::store {
namespace {

std::string schema_of(const std::filesystem::path& file) {
  SQLite::Database database(file.string(), SQLite::OPEN_READONLY);
  SQLite::Statement rows(database, "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name");
  std::string all;
  while (rows.executeStep()) all += rows.getColumn(0).getString() + "\n";
  return all;
}

class UpgradeTest : public ::testing::TestWithParam<int> {
 protected:
  ~UpgradeTest() override { std::filesystem::remove_all(directory); }
  static std::filesystem::path fresh_directory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "millrace-store.XXXXXX").string();
    return ::mkdtemp(pattern.data());
  }
  std::filesystem::path directory = fresh_directory();
};

TEST_P(UpgradeTest, AnEarlierVersionBecomesThisOneWithItsRows) {
  const auto file = directory / "old.db";
  std::vector<OldRow> rows;
  {
    const auto backend = connect_sqlite(file);
    migrate(*backend, GetParam());
    rows = fill_old_store(*backend, GetParam());
  }
  ASSERT_FALSE(rows.empty());
  Database upgraded(file);
  const Database fresh(directory / "fresh.db");
  EXPECT_EQ(schema_of(file), schema_of(directory / "fresh.db"));
  upgraded.read([&](Session& session) { EXPECT_THAT(missing_rows(session, rows), ::testing::IsEmpty()); });
  const auto record = Pipelines(upgraded).find("P");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->sealed_secrets.at("spec"), GetParam() < 4 ? "old sealed" : "sealed");
  EXPECT_EQ(Runs(upgraded).find("P").has_value(), GetParam() != 1);
  EXPECT_FALSE(Pipelines(upgraded, "other").find("P"));
}

/// A table that a migration adds, and that old_rows.hpp does not know, would be proven by nothing.
TEST(Upgrade, EveryTableHasARow) {
  std::string pattern = (std::filesystem::temp_directory_path() / "millrace-store.XXXXXX").string();
  const std::filesystem::path directory = ::mkdtemp(pattern.data());
  {
    const auto backend = connect_sqlite(directory / "millrace.db");
    migrate(*backend);
    fill_old_store(*backend, newest_schema_version());
    for (const auto& table : backend->query("SELECT name FROM sqlite_master WHERE type = 'table'")) {
      const auto rows = backend->query("SELECT COUNT(*) FROM " + table.text(0));
      EXPECT_GT(rows.front().integer(0), 0) << table.text(0);
    }
  }
  std::filesystem::remove_all(directory);
}

INSTANTIATE_TEST_SUITE_P(Versions, UpgradeTest, ::testing::Range(1, newest_schema_version() + 1));

TEST(Upgrade, ANewerStoreIsRefused) {
  std::string pattern = (std::filesystem::temp_directory_path() / "millrace-store.XXXXXX").string();
  const std::filesystem::path directory = ::mkdtemp(pattern.data());
  const auto file = directory / "millrace.db";
  {
    const auto backend = connect_sqlite(file);
    backend->set_schema_version(newest_schema_version() + 1);
  }
  try {
    const Database database(file);
    ADD_FAILURE() << "a newer store was opened";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kStoreVersion);
  }
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace millrace::store
