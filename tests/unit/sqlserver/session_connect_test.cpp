// The loopback only: what the driver says when nobody answers, and how it is told.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>

#include "sqlserver/session.hpp"

namespace millrace::sqlserver {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Sets an environment variable for one test.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    setenv(name, value, 1);
  }
  ~Variable() { before_ ? setenv(name_, before_->c_str(), 1) : unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  std::optional<std::string> before_;
};

/// A port of the loopback that takes connections into its backlog and never answers; refuses them when `listens` is
/// false.
class SilentPort {
 public:
  explicit SilentPort(bool listens) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    ok_ = ::bind(socket_, reinterpret_cast<sockaddr*>(&address), length) == 0 &&
          ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length) == 0 &&
          (!listens || ::listen(socket_, 8) == 0);
    port_ = ntohs(address.sin_port);
  }
  ~SilentPort() { ::close(socket_); }
  SilentPort(const SilentPort&) = delete;
  SilentPort& operator=(const SilentPort&) = delete;
  bool ok() const { return ok_; }
  std::uint16_t port() const { return port_; }

 private:
  int socket_;
  bool ok_ = false;
  std::uint16_t port_ = 0;
};

TargetEndpoint endpoint(std::uint16_t port) {
  TargetEndpoint endpoint;
  endpoint.host = "127.0.0.1";
  endpoint.port = port;
  endpoint.database = "shop";
  endpoint.user = "sa";
  endpoint.password = Secret("Tr0ub4dor;}");
  return endpoint;
}

Error failure(const TargetEndpoint& to, std::chrono::milliseconds timeout) {
  try {
    Session session(to, timeout);
  } catch (const Error& error) {
    return error;
  }
  return Error(ErrorCode::kInternal, "it connected");
}

TEST(FindDriver, TakesTheNamedOne) {
  const Variable named("MILLRACE_ODBC_DRIVER", "My Driver");
  EXPECT_EQ(find_driver(), "My Driver");
}

TEST(FindDriver, RefusesAPathThatIsNotThere) {
  const Variable named("MILLRACE_ODBC_DRIVER", "/nonexistent/libmsodbcsql.so");
  try {
    find_driver();
    FAIL() << "found it";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kDriverMissing);
    EXPECT_THAT(error.message(), HasSubstr("/nonexistent/libmsodbcsql.so"));
  }
}

TEST(Connect, AnUnregisteredDriverIsMissing) {
  const Variable named("MILLRACE_ODBC_DRIVER", "No Such Driver");
  const Error error = failure(endpoint(1), std::chrono::seconds(2));
  EXPECT_EQ(error.code(), ErrorCode::kDriverMissing) << error.message();
}

TEST(Connect, ARefusedPortIsUnreachable) {
  const SilentPort closed(false);
  ASSERT_TRUE(closed.ok());
  const Error error = failure(endpoint(closed.port()), std::chrono::seconds(5));
  EXPECT_EQ(error.code(), ErrorCode::kTargetUnreachable) << error.message();
  EXPECT_TRUE(error.retriable());
  EXPECT_THAT(error.cause(), HasSubstr("0x2749"));  // WSAECONNREFUSED, in the driver's words
  EXPECT_THAT(error.message(), HasSubstr("127.0.0.1:" + std::to_string(closed.port())));
  EXPECT_THAT(error.message() + error.cause(), Not(HasSubstr("Tr0ub4dor")));
}

TEST(Connect, ASilentServerEndsWithTheTimeout) {
  const SilentPort silent(true);
  ASSERT_TRUE(silent.ok());
  const auto start = std::chrono::steady_clock::now();
  const Error error = failure(endpoint(silent.port()), std::chrono::milliseconds(1500));
  EXPECT_EQ(error.code(), ErrorCode::kTargetUnreachable) << error.message();
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST(Connect, AnUnknownHostIsUnreachable) {
  TargetEndpoint nowhere = endpoint(1433);
  nowhere.host = "no-such-host.invalid";
  EXPECT_EQ(failure(nowhere, std::chrono::seconds(3)).code(), ErrorCode::kTargetUnreachable);
}

}  // namespace
}  // namespace millrace::sqlserver
