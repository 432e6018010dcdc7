#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <thread>

#include "access/accounts.hpp"
#include "store/lab_store.hpp"

namespace millrace::access {
namespace {

/// Accounts in a store of its own on the lab's PostgreSQL, where two transactions run side by side.
class FirstSignInTest : public store::LabStore {
 protected:
  FirstSignInTest() : LabStore("access") {}
  void SetUp() override {
    LabStore::SetUp();
    if (!HasFatalFailure()) database = store::Database::open(location);
  }
  void TearDown() override {
    database.reset();
    LabStore::TearDown();
  }

  /// Who signs in by each of two attempts that have both looked before either writes.
  std::vector<std::string> sign_in_twice(const OidcPolicy& policy) {
    const auto holder = store::connect_postgres(endpoint, schema);
    holder->begin();
    // Reads go on, writes wait.
    holder->execute("LOCK TABLE users IN SHARE MODE", {});
    std::vector<std::future<std::string>> attempts;
    for (int i = 0; i < 2; ++i) {
      attempts.push_back(std::async(std::launch::async, [&] {
        return Accounts(database).sign_in_oidc(identity, policy, {"192.0.2.1", "test"}).user.id;
      }));
    }
    const auto waiting = [&] {
      return holder->query("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'users'::regclass", {})
          .front()
          .integer(0);
    };
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (waiting() < 2 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
    EXPECT_EQ(waiting(), 2) << "both have looked, and want to write";
    holder->commit();
    std::vector<std::string> users;
    for (auto& attempt : attempts) users.push_back(attempt.get());
    return users;
  }

  std::shared_ptr<store::Database> database;
  OidcIdentity identity{.subject = "https://id.example|4711",
                        .name = "ann@example.org",
                        .email = "ann@example.org",
                        .email_verified = true,
                        .name_is_email = true};
};

TEST_F(FirstSignInTest, TwoAtOnceMakeOneUserAndBothAreIn) {
  const auto users = sign_in_twice({.create = true, .role = security::Role::kViewer});
  EXPECT_EQ(users[0], users[1]);
}

TEST_F(FirstSignInTest, TwoAtOnceLinkOneUserAndBothAreIn) {
  const auto ann = Accounts(database).create_user({}, "ann", {}, false, "ann@example.org");
  EXPECT_EQ(sign_in_twice({}), (std::vector<std::string>{ann.id, ann.id}));
}

}  // namespace
}  // namespace millrace::access
