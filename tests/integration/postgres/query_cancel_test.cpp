#include "postgres/query_cancel.hpp"

#include <poll.h>

#include <csignal>
#include <fstream>

#include "postgres/lab_postgres.hpp"

namespace millrace::postgres {
namespace {

class QueryCancelTest : public LabPostgres {
 protected:
  /// The server's process for this connection; nothing when it is on another machine.
  static std::optional<pid_t> local_process(Connection& connection) {
    const auto id = static_cast<pid_t>(connection.query("SELECT pg_backend_pid()").integer(0, 0));
    std::ifstream file("/proc/" + std::to_string(id) + "/cmdline");
    std::string title;
    std::getline(file, title, '\0');
    if (title.find("postgres") == std::string::npos) return std::nullopt;
    return id;
  }

  static bool answered_within(Connection& connection, std::chrono::milliseconds time) {
    const auto deadline = std::chrono::steady_clock::now() + time;
    while (PQconsumeInput(connection.native()) != 0 && PQisBusy(connection.native()) != 0) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
      if (left.count() <= 0) return false;
      pollfd socket{PQsocket(connection.native()), POLLIN, 0};
      ::poll(&socket, 1, static_cast<int>(left.count()));
    }
    return true;
  }
};

TEST_F(QueryCancelTest, ARequestThatTheServerForgetsIsMadeAgain) {
  Connection connection(superuser());
  const auto process = local_process(connection);
  if (!process) GTEST_SKIP() << "the server's process cannot be held from here";
  ASSERT_EQ(::kill(*process, SIGSTOP), 0);
  ASSERT_EQ(PQsendQuery(connection.native(), "SELECT pg_sleep(3600)"), 1);
  int requests = 0;
  const bool ended = cancel_query(
      connection.native(),
      [&](std::chrono::milliseconds wait) {
        // It hears of the first request while it still waits for a command.
        ++requests;
        if (requests == 1 && ::kill(*process, SIGCONT) != 0) ADD_FAILURE() << "it cannot go on";
        return answered_within(connection, wait);
      },
      std::chrono::seconds(30));
  EXPECT_TRUE(ended);
  EXPECT_GT(requests, 1);
  while (PGresult* result = PQgetResult(connection.native())) PQclear(result);
  EXPECT_EQ(connection.query("SELECT 1").integer(0, 0), 1);
}

TEST_F(QueryCancelTest, PatienceHasAnEnd) {
  Connection connection(superuser());
  const auto begin = std::chrono::steady_clock::now();
  int requests = 0;
  EXPECT_FALSE(cancel_query(
      connection.native(), [&](std::chrono::milliseconds) { return ++requests > 1'000'000; },
      std::chrono::milliseconds(30)));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(30));
  EXPECT_EQ(connection.query("SELECT 1").integer(0, 0), 1);
}

}  // namespace
}  // namespace millrace::postgres
