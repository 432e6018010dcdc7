#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "postgres/connection.hpp"
#include "schema/table_name.hpp"

namespace millrace::postgres {

/// A fresh database on the PostgreSQL that the MILLRACE_LAB_PG_* variables name, and a user without rights. Both go
/// with the test, and so do all slots in the database. Without the variables a test fails: it would prove nothing.
class LabPostgres : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"HOST", "PORT", "DATABASE", "SUPERUSER", "SUPERUSER_PASSWORD"}) {
      ASSERT_NE(variable(name), nullptr) << "MILLRACE_LAB_PG_" << name
                                         << " is not set: start the lab (./dev lab up), or name another PostgreSQL.";
    }
    name_ = "millrace_it_" + std::to_string(::getpid()) + "_" + std::to_string(std::random_device{}());
    Connection server(lab(variable("DATABASE")));
    server.execute("CREATE DATABASE " + name_ + database_options());
    server.execute("CREATE ROLE " + name_ + " LOGIN PASSWORD 'plain-word'");
  }

  void TearDown() override {
    if (name_.empty()) return;
    Connection server(lab(variable("DATABASE")));
    server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", {name_});
    for (int attempt = 0; attempt < 100 && has_active_slot(server); ++attempt) server.execute("SELECT pg_sleep(0.05)");
    server.execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = $1", {name_});
    server.execute("DROP DATABASE " + name_ + " WITH (FORCE)");
    server.execute("DROP ROLE " + name_);
  }

  virtual std::string database_options() const { return ""; }

  /// The test's database as superuser.
  SourceEndpoint superuser() const { return lab(name_); }
  /// The test's database as the user without rights.
  SourceEndpoint plain_user() const {
    auto endpoint = superuser();
    endpoint.user = name_;
    endpoint.password = Secret("plain-word");
    return endpoint;
  }
  /// Name of the database, of the plain user, and a good beginning for slots.
  const std::string& name() const { return name_; }

  static void run(Connection& connection, const std::vector<std::string>& statements) {
    for (const auto& statement : statements) connection.execute(statement);
  }

 private:
  static const char* variable(const std::string& name) { return std::getenv(("MILLRACE_LAB_PG_" + name).c_str()); }

  static SourceEndpoint lab(const std::string& database) {
    return {.host = variable("HOST"),
            .port = static_cast<std::uint16_t>(std::stoi(variable("PORT"))),
            .database = database,
            .user = variable("SUPERUSER"),
            .password = Secret(variable("SUPERUSER_PASSWORD"))};
  }

  bool has_active_slot(Connection& server) const {
    return !server.query("SELECT 1 FROM pg_replication_slots WHERE database = $1 AND active", {name_}).empty();
  }

  std::string name_;
};

}  // namespace millrace::postgres
