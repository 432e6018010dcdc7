#include "postgres/connection.hpp"

#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "postgres/lab_postgres.hpp"

namespace millrace::postgres {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ConnectionTest : public LabPostgres {
 protected:
  static void expect_refusal(const SourceEndpoint& endpoint, ErrorCode code, const std::string& field) {
    try {
      Connection connection(endpoint, std::chrono::seconds(5));
      FAIL() << "connected";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code) << error.what() << " " << error.cause();
      EXPECT_EQ(error.context().field, field);
      EXPECT_THAT(error.message(), HasSubstr(display_url(endpoint)));
      EXPECT_THAT(error.message() + error.cause(), Not(HasSubstr(endpoint.password.reveal())));
    }
  }
};

TEST_F(ConnectionTest, AWrongPasswordIsAnAuthError) {
  auto endpoint = plain_user();
  endpoint.password = Secret("not-the-word");
  expect_refusal(endpoint, ErrorCode::kSourceAuth, "source.password");
}

TEST_F(ConnectionTest, AnUnknownUserIsAnAuthError) {
  auto endpoint = plain_user();
  endpoint.user = "millrace_nobody";
  expect_refusal(endpoint, ErrorCode::kSourceAuth, "source.password");
}

TEST_F(ConnectionTest, AMissingDatabaseIsNamedAsSuch) {
  auto endpoint = plain_user();
  endpoint.database = "millrace_no_such_database";
  expect_refusal(endpoint, ErrorCode::kSourceDatabaseNotFound, "source.database");
}

TEST_F(ConnectionTest, ADatabaseThatTheUserMayNotOpenIsAPermissionError) {
  Connection owner(superuser());
  owner.execute("REVOKE CONNECT ON DATABASE " + name() + " FROM PUBLIC");
  expect_refusal(plain_user(), ErrorCode::kSourcePermission, "source.user");
}

TEST_F(ConnectionTest, APortWithoutListenerIsUnreachable) {
  // Bound and not listening: nobody else can take the port, and nobody answers on it.
  const int taken = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t length = sizeof address;
  ASSERT_EQ(::bind(taken, reinterpret_cast<sockaddr*>(&address), length), 0);
  ASSERT_EQ(::getsockname(taken, reinterpret_cast<sockaddr*>(&address), &length), 0);
  auto endpoint = plain_user();
  endpoint.host = "127.0.0.1";
  endpoint.port = ntohs(address.sin_port);
  expect_refusal(endpoint, ErrorCode::kSourceUnreachable, "source.host");
  ::close(taken);
}

TEST_F(ConnectionTest, ParametersAreValuesAndNullStaysNull) {
  Connection connection(plain_user());
  const auto result = connection.query("SELECT $1::text, $2::text, 42, true", {"Robert'); --", std::nullopt});
  EXPECT_EQ(result.text(0, 0), "Robert'); --");
  EXPECT_EQ(result.rows()[0][1], std::nullopt);
  EXPECT_EQ(result.integer(0, 2), 42);
  EXPECT_TRUE(result.boolean(0, 3));
  EXPECT_THROW(result.text(0, 1), Error);
  EXPECT_THROW(result.text(0, 4), Error);
  EXPECT_THROW(result.integer(0, 0), Error);
}

TEST_F(ConnectionTest, TheSessionIsTheSameWhateverTheUsersDefaultsAre) {
  Connection owner(superuser());
  run(owner,
      {"ALTER ROLE " + name() + " SET datestyle = 'German'", "ALTER ROLE " + name() + " SET timezone = 'Asia/Tokyo'",
       "ALTER ROLE " + name() + " SET search_path = public", "ALTER ROLE " + name() + " SET extra_float_digits = 0",
       "ALTER ROLE " + name() + " SET statement_timeout = '7ms'"});
  Connection connection(plain_user());
  EXPECT_EQ(connection.query("SELECT timestamptz '2024-02-01 00:00+00'").text(0, 0), "2024-02-01 00:00:00+00");
  EXPECT_EQ(connection.query("SELECT 0.1::float8 + 0.2::float8").text(0, 0), "0.30000000000000004");
  EXPECT_EQ(connection.query("SELECT current_setting('search_path')").text(0, 0), "pg_catalog");
  EXPECT_EQ(connection.query("SELECT current_setting('application_name')").text(0, 0), "millrace");
  EXPECT_NO_THROW(connection.execute("SELECT pg_sleep(0.1)"));
}

TEST_F(ConnectionTest, AQueryErrorCarriesItsState) {
  Connection connection(plain_user());
  try {
    connection.execute("SELECT * FROM pg_authid");
    FAIL() << "allowed";
  } catch (const QueryError& error) {
    EXPECT_EQ(error.sqlstate(), "42501");
    EXPECT_EQ(error.code(), ErrorCode::kSourcePermission);
  }
  try {
    connection.execute("SELECT 1/0");
    FAIL() << "divided";
  } catch (const QueryError& error) {
    EXPECT_EQ(error.sqlstate(), "22012");
    EXPECT_EQ(error.code(), ErrorCode::kSourceQuery);
    EXPECT_THAT(error.message(), HasSubstr("division by zero"));
  }
  EXPECT_EQ(connection.query("SELECT 1").integer(0, 0), 1) << "an error must not end the connection";
}

TEST_F(ConnectionTest, AConnectionThatTheServerEndedIsUnreachable) {
  Connection connection(plain_user());
  const auto pid = connection.query("SELECT pg_backend_pid()").text(0, 0);
  Connection owner(superuser());
  ASSERT_TRUE(owner.query("SELECT pg_terminate_backend($1::int, 5000)", {pid}).boolean(0, 0));
  for (int attempt = 0; attempt < 2; ++attempt) {
    try {
      connection.query("SELECT 1");
      FAIL() << "answered";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kSourceUnreachable) << error.what();
      EXPECT_TRUE(error.retriable());
    }
  }
}

}  // namespace
}  // namespace millrace::postgres
