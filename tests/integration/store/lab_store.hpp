#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "store/postgres_backend.hpp"
#include "support/endpoint.hpp"

namespace millrace::store {

/// A schema of its own on the lab's PostgreSQL for a store, dropped at the end.
class LabStore : public ::testing::Test {
 protected:
  explicit LabStore(const std::string& what) : prefix_("millrace_" + what + "_") {}

  void SetUp() override {
    ASSERT_NE(variable("HOST"), "") << "MILLRACE_LAB_PG_HOST is not set: ./dev lab env names the lab";
    endpoint.host = variable("HOST");
    endpoint.port = static_cast<std::uint16_t>(std::stoi(variable("PORT")));
    endpoint.database = variable("DATABASE");
    endpoint.user = variable("SUPERUSER");
    endpoint.password = Secret(variable("SUPERUSER_PASSWORD"));
    schema = prefix_ + std::to_string(::getpid());
    location = "postgres://" + endpoint.user + ":" + endpoint.password.reveal() + "@" + endpoint.host + ":" +
               std::to_string(endpoint.port) + "/" + endpoint.database + "?schema=" + schema;
  }
  void TearDown() override {
    if (!schema.empty()) connect_postgres(endpoint, schema)->script("DROP SCHEMA " + schema + " CASCADE");
  }

  SourceEndpoint endpoint;
  std::string schema;
  std::string location;  ///< as Database::open takes it

 private:
  static std::string variable(const std::string& name) {
    const char* text = std::getenv(("MILLRACE_LAB_PG_" + name).c_str());
    return text == nullptr ? "" : text;
  }

  std::string prefix_;
};

}  // namespace millrace::store
