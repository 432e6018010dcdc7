#include "sqlserver/connection_string.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::sqlserver {
namespace {

using testing::HasSubstr;

TargetEndpoint endpoint() {
  TargetEndpoint endpoint;
  endpoint.host = "db.example";
  endpoint.port = 14330;
  endpoint.database = "Sales";
  endpoint.user = "writer";
  endpoint.password = Secret("pa;ss}w{ord");
  return endpoint;
}

TEST(ConnectionString, NamesEverything) {
  EXPECT_EQ(connection_string("ODBC Driver 18 for SQL Server", endpoint(), false).reveal(),
            "Driver={ODBC Driver 18 for SQL Server};Server={tcp:db.example,14330};Database={Sales};UID={writer};"
            "PWD={pa;ss}}w{ord};Encrypt={yes};TrustServerCertificate=no;APP={millrace};ConnectRetryCount=0;"
            "KeepAlive=30;KeepAliveInterval=5");
}

TEST(ConnectionString, AValueCannotStartAKeyword) {
  TargetEndpoint sly = endpoint();
  sly.database = "x};TrustServerCertificate=yes;Foo={";
  EXPECT_THAT(connection_string("d", sly, false).reveal(),
              HasSubstr("Database={x}};TrustServerCertificate=yes;Foo={};UID"));
}

TEST(ConnectionString, TriesSeveralAddressesAtOnce) {
  EXPECT_THAT(connection_string("d", endpoint(), true).reveal(), HasSubstr(";MultiSubnetFailover=yes"));
}

TEST(ConnectionString, DialsAnAddressAndChecksTheName) {
  EXPECT_THAT(
      connection_string("d", endpoint(), false, "10.0.0.7").reveal(),
      testing::AllOf(HasSubstr("Server={tcp:10.0.0.7,14330}"), HasSubstr("HostNameInCertificate={db.example}")));
}

TEST(ConnectionString, FollowsTheTlsOptions) {
  TargetEndpoint open = endpoint();
  open.encrypt = "strict";
  open.trust_server_certificate = true;
  EXPECT_THAT(connection_string("d", open, false).reveal(), HasSubstr("Encrypt={strict};TrustServerCertificate=yes;"));
}

}  // namespace
}  // namespace millrace::sqlserver
