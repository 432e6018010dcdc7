#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "schema/table_name.hpp"
#include "sqlserver/session.hpp"

namespace millrace::sqlserver {

/// A schema of the test's own in the database that the MILLRACE_LAB_SQLSERVER_* variables name, dropped with its
/// tables when the test ends. Without the variables a test fails: it would prove nothing.
class LabSqlServer : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"HOST", "PORT", "DATABASE", "USER", "PASSWORD"}) {
      ASSERT_NE(variable(name), nullptr) << "MILLRACE_LAB_SQLSERVER_" << name
                                         << " is not set: start the lab (./dev lab up), or name another SQL Server.";
    }
    session_ = std::make_unique<Session>(endpoint());
    schema_ = "it_" + std::to_string(::getpid()) + "_" + std::to_string(std::random_device{}());
    session().execute("CREATE SCHEMA " + schema::quote_mssql(schema_));
  }

  void TearDown() override {
    if (schema_.empty()) return;
    Session cleaner(endpoint());
    const std::string tables =
        "SELECT t.name FROM sys.tables AS t JOIN sys.schemas AS s ON s.schema_id = t.schema_id WHERE s.name = ?";
    for (const Row& row : cleaner.query(tables, {schema_})) {
      cleaner.execute("DROP TABLE " + schema::quote_mssql(table(row.at(0).value())));
    }
    cleaner.execute("DROP SCHEMA " + schema::quote_mssql(schema_));
  }

  static TargetEndpoint endpoint() {
    TargetEndpoint endpoint;
    endpoint.host = variable("HOST");
    endpoint.port = static_cast<std::uint16_t>(std::stoi(variable("PORT")));
    endpoint.database = variable("DATABASE");
    endpoint.user = variable("USER");
    endpoint.password = Secret(variable("PASSWORD"));
    endpoint.encrypt = variable("ENCRYPT") == nullptr ? "yes" : variable("ENCRYPT");
    endpoint.trust_server_certificate = true;
    return endpoint;
  }

  Session& session() { return *session_; }
  const std::string& schema_name() const { return schema_; }
  schema::TableName table(const std::string& name) const { return {schema_, name}; }
  std::string quoted(const std::string& name) const { return schema::quote_mssql(table(name)); }

  /// The only value of a query's only row.
  std::optional<std::string> value(const std::string& sql) { return session().query(sql).at(0).at(0); }

 private:
  static const char* variable(const std::string& name) {
    return std::getenv(("MILLRACE_LAB_SQLSERVER_" + name).c_str());
  }

  std::unique_ptr<Session> session_;
  std::string schema_;
};

}  // namespace millrace::sqlserver
