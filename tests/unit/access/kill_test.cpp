#include <gtest/gtest.h>

#ifdef MILLRACE_FAILPOINTS

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "access/rotate_keys.hpp"
#include "access/verify_audit.hpp"
#include "store/migrations.hpp"
#include "store/pipelines.hpp"
#include "store/secrets.hpp"
#include "store/sqlite_backend.hpp"

namespace millrace::access {
namespace {

constexpr int kSecrets = 450;
constexpr const char* kDirectory = "MILLRACE_TEST_DIRECTORY";

std::filesystem::path given_directory() {
  const char* text = std::getenv(kDirectory);
  return text == nullptr ? "" : text;
}

/// Runs one of the disabled tests below in a process of its own that a failpoint kills.
int run_until_killed(const std::string& test, const std::filesystem::path& directory, const std::string& failpoint) {
  const std::string filter = "--gtest_filter=Killed.DISABLED_" + test;
  const pid_t child = ::fork();
  if (child == 0) {
    ::setenv(kDirectory, directory.c_str(), 1);
    ::setenv("MILLRACE_FAILPOINT", failpoint.c_str(), 1);
    ::execl("/proc/self/exe", "unit_access", filter.c_str(), "--gtest_also_run_disabled_tests", nullptr);
    ::_exit(1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

class KilledTest : public ::testing::TestWithParam<const char*> {
 protected:
  ~KilledTest() override { std::filesystem::remove_all(directory); }
  static std::filesystem::path fresh_directory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "millrace-killed.XXXXXX").string();
    return ::mkdtemp(pattern.data());
  }
  std::filesystem::path directory = fresh_directory();
};

TEST(Killed, DISABLED_OpensTheStore) {
  const store::Database database(given_directory() / "millrace.db");
}

TEST(Killed, DISABLED_Rotates) {
  store::Database database(given_directory() / "millrace.db");
  const security::SecretBox box(given_directory() / "secret.key");
  rotate_keys(database, box, "test", {});
}

using KilledInMigrate = KilledTest;

TEST_P(KilledInMigrate, TheStepIsDoneOrNotBegun) {
  const auto file = directory / "millrace.db";
  {
    const auto backend = store::connect_sqlite(file);
    store::migrate(*backend, 2);
    backend->execute(
        "INSERT INTO pipelines (name, state, spec, resources, created_ms, updated_ms) "
        "VALUES ('P', 'active', '{}', '{}', 1, 2)",
        {});
    backend->execute("INSERT INTO secrets VALUES ('P', 'spec', 'sealed')", {});
  }
  ASSERT_EQ(run_until_killed("OpensTheStore", directory, GetParam()), SIGKILL);
  store::Database database(file);
  const auto record = store::Pipelines(database).find("P");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->sealed_secrets.at("spec"), "sealed");
}

INSTANTIATE_TEST_SUITE_P(Points, KilledInMigrate,
                         ::testing::Values("migrate_step", "migrate_step:2", "migrate_noted:2", "migrate_noted:4"));

using KilledInRotate = KilledTest;

TEST_P(KilledInRotate, EverySecretOpensAndASecondRunGoesOn) {
  store::Database database(directory / "millrace.db");
  const security::SecretBox box(directory / "secret.key");
  const auto place = [](int i) {
    return security::SecretPlace{"default", "connection/" + std::to_string(i), "password"};
  };
  database.write([&](store::Session& session) {
    for (int i = 0; i < kSecrets; ++i) {
      const auto sealed = box.seal(Secret("pw"), place(i));
      store::Secrets(session).put({"default", place(i).object, "password", sealed, "1", 1});
    }
  });
  ASSERT_EQ(run_until_killed("Rotates", directory, GetParam()), SIGKILL);
  const security::SecretBox after(directory / "secret.key");
  const auto all_open = [&] {
    database.read([&](store::Session& session) {
      for (int i = 0; i < kSecrets; ++i) {
        const auto stored = store::Secrets(session).find("default", place(i).object, "password");
        ASSERT_TRUE(stored);
        EXPECT_EQ(security::SecretBox::key_id_of(stored->sealed), stored->key_id);
        EXPECT_EQ(after.open(stored->sealed, place(i)).reveal(), "pw");
      }
    });
  };
  all_open();
  const auto report = rotate_keys(database, after, "test", {.make_key = false});
  all_open();
  const auto counts = database.read([](store::Session& session) { return store::Secrets(session).count_by_key(); });
  ASSERT_EQ(counts.size(), 1U);
  EXPECT_EQ(counts.begin()->first, report.current_id);
  EXPECT_FALSE(verify_audit(database).fault);
}

INSTANTIATE_TEST_SUITE_P(Points, KilledInRotate,
                         ::testing::Values("ring_written", "rotate_key_made", "rotate_portion", "rotate_portion:2"));

}  // namespace
}  // namespace millrace::access

#endif
