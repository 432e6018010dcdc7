#include "pipeline/server_sessions.hpp"

#include <gtest/gtest.h>

#include <string>

#include "sqlserver/cut_line.hpp"
#include "sqlserver/lab_sqlserver.hpp"
#include "support/error.hpp"

namespace millrace::pipeline {
namespace {

using sqlserver::CutLine;

class ServerSessionsOfATarget : public sqlserver::LabSqlServer {
 protected:
  /// The number of the session that is asked on.
  std::string number(const std::string& tenant, const TargetEndpoint& target) {
    return sessions.ask_target(tenant, target, [](sqlserver::Session& session) {
      return session.query("SELECT @@SPID").at(0).at(0).value_or("");
    });
  }

  ServerSessions sessions;
};

TEST_F(ServerSessionsOfATarget, AreUsedAgainByTheSameTenantAlone) {
  const auto first = number("one", endpoint());
  EXPECT_EQ(number("one", endpoint()), first);
  EXPECT_NE(number("two", endpoint()), first);
  EXPECT_EQ(number("one", endpoint()), first);
}

TEST_F(ServerSessionsOfATarget, DoNotServeWhoHasAnotherPassword) {
  number("one", endpoint());
  auto stranger = endpoint();
  stranger.password = Secret("not the password");
  try {
    number("one", stranger);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kTargetAuth);
  }
}

TEST_F(ServerSessionsOfATarget, AreReplacedWhenTheirConnectionWasLost) {
  CutLine line(endpoint().host, endpoint().port);
  auto through = endpoint();
  through.host = "127.0.0.1";
  through.port = line.port();
  const auto first = number("one", through);
  EXPECT_EQ(number("one", through), first);
  line.cut();
  EXPECT_NE(number("one", through), first);
}

}  // namespace
}  // namespace millrace::pipeline
