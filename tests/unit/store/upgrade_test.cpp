#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "store/migrations.hpp"
#include "store/pipelines.hpp"
#include "store/runs.hpp"
#include "store/sqlite_backend.hpp"

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
  {
    const auto backend = connect_sqlite(file);
    migrate(*backend, GetParam());
    if (GetParam() < 4) {
      backend->execute(
          "INSERT INTO pipelines (name, state, spec, resources, created_ms, updated_ms) "
          "VALUES ('P', 'active', '{}', '{}', 1, 2)",
          {});
      backend->execute("INSERT INTO secrets VALUES ('P', 'spec', 'old sealed')", {});
    }
    if (GetParam() == 2 || GetParam() == 3) {
      backend->execute("INSERT INTO runs VALUES ('P', 'pid 1', 1, 2, NULL, '', '')", {});
    }
  }
  Database upgraded(file);
  Database fresh(directory / "fresh.db");
  EXPECT_EQ(schema_of(file), schema_of(directory / "fresh.db"));
  if (GetParam() < 4) {
    const auto record = Pipelines(upgraded).find("P");
    ASSERT_TRUE(record);
    EXPECT_EQ(record->sealed_secrets.at("spec"), "old sealed");
    EXPECT_EQ(Runs(upgraded).find("P").has_value(), GetParam() != 1);
    EXPECT_FALSE(Pipelines(upgraded, "other").find("P"));
  }
}

INSTANTIATE_TEST_SUITE_P(Versions, UpgradeTest, ::testing::Range(1, newest_schema_version()));

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
