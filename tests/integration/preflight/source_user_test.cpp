#include <gmock/gmock.h>
#include <libpq-fe.h>

#include <memory>

#include "postgres/catalog.hpp"
#include "postgres/lab_postgres.hpp"
#include "postgres/server_facts.hpp"
#include "postgres/slot.hpp"
#include "preflight/grant_script.hpp"
#include "preflight/source_checks.hpp"

namespace millrace::preflight {
namespace {

using schema::TableName;

/// Preflight and its GRANT script against a real server, as the user that the script makes.
class SourceUser : public postgres::LabPostgres {
 protected:
  void SetUp() override {
    LabPostgres::SetUp();
    if (HasFatalFailure()) return;
    postgres::Connection owner(superuser());
    run(owner, {"CREATE SCHEMA \"Sales\"", "CREATE TABLE public.orders(id int PRIMARY KEY)",
                "CREATE TABLE \"Sales\".\"Line \"\"Items\"(id int PRIMARY KEY)", "CREATE TABLE public.secret(id int)"});
  }

  postgres::PublicationSpec publication() const { return {.name = name() + "_pub", .tables = tables_}; }

  Findings check(const SourceEndpoint& endpoint) const {
    postgres::Connection connection(endpoint);
    SourceCheckInput input{.server = postgres::read_server_facts(connection),
                           .rights = postgres::read_table_rights(connection, tables_),
                           .slot = name() + "_slot",
                           .database = name(),
                           .publication = publication()};
    for (const auto& table : postgres::read_tables(connection, tables_)) {
      input.plans.push_back(schema::plan_table(table, {}));
    }
    return check_source(input);
  }

  static std::vector<std::string> errors(const Findings& findings) {
    std::vector<std::string> ids;
    for (const auto& finding : findings) {
      if (finding.severity == Severity::kError) ids.push_back(finding.id);
    }
    return ids;
  }

  std::vector<TableName> tables_ = {{"public", "orders"}, {"Sales", "Line \"Items"}};
};

/// Runs a script of many statements, as psql would. Gives the server's complaint, or nothing.
std::string run_script(const SourceEndpoint& endpoint, const std::string& script) {
  const auto port = std::to_string(endpoint.port);
  const char* keywords[] = {"host", "port", "dbname", "user", "password", nullptr};
  const char* values[] = {endpoint.host.c_str(),
                          port.c_str(),
                          endpoint.database.c_str(),
                          endpoint.user.c_str(),
                          endpoint.password.reveal().c_str(),
                          nullptr};
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdbParams(keywords, values, 0), PQfinish);
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), script.c_str()), PQclear);
  return PQresultStatus(result.get()) == PGRES_COMMAND_OK ? "" : PQerrorMessage(connection.get());
}

TEST_F(SourceUser, WithoutRightsEachOneIsMissed) {
  EXPECT_THAT(
      errors(check(plain_user())),
      ::testing::UnorderedElementsAre("source.replication_right", "source.publication_right", "table.select_right",
                                      "table.select_right", "table.owner", "table.owner"));
}

TEST_F(SourceUser, TheGrantScriptSatisfiesPreflightAndAllowsWhatAPipelineDoes) {
  const auto script = grant_script({.user = name(), .database = name(), .publication = publication()});
  ASSERT_EQ(run_script(superuser(), script), "");
  EXPECT_THAT(errors(check(plain_user())), ::testing::IsEmpty());

  postgres::Connection user(plain_user());
  for (const auto& table : tables_) EXPECT_NO_THROW(user.execute("SELECT * FROM " + schema::quote_pg(table)));
  postgres::create_slot(user, name() + "_slot");
  EXPECT_TRUE(postgres::drop_slot(user, name() + "_slot"));
}

TEST_F(SourceUser, TheGrantScriptGivesNoMore) {
  const auto script = grant_script({.user = name(), .database = name(), .publication = publication()});
  ASSERT_EQ(run_script(superuser(), script), "");
  postgres::Connection user(plain_user());
  for (const char* statement : {"SELECT * FROM public.secret", "DELETE FROM public.orders", "DROP TABLE public.orders",
                                "CREATE SCHEMA mine", "CREATE PUBLICATION p", "CREATE ROLE other"}) {
    EXPECT_THROW(user.execute(statement), postgres::QueryError) << statement;
  }
}

TEST_F(SourceUser, TheGrantScriptMakesAUserOfAnyName) {
  const auto odd = name() + "_$$_\"o'b\\r\"";
  const auto script = grant_script(
      {.user = odd, .database = name(), .publication = publication(), .identity_full = {{"public", "orders"}}});
  ASSERT_EQ(run_script(superuser(), script), "") << script;
  postgres::Connection owner(superuser());
  EXPECT_EQ(owner.query("SELECT rolreplication FROM pg_roles WHERE rolname = $1", {odd}).text(0, 0), "t");
  EXPECT_EQ(owner.query("SELECT relreplident FROM pg_class WHERE oid = 'public.orders'::regclass").text(0, 0), "f");
  owner.execute("DROP OWNED BY " + schema::quote_pg(odd));
  owner.execute("DROP ROLE " + schema::quote_pg(odd));
}

// What preflight says of partitions is what PostgreSQL does.
TEST_F(SourceUser, APartitionWithoutIdentityIsFoundBeforeItRefusesUpdates) {
  postgres::Connection owner(superuser());
  run(owner, {"CREATE TABLE public.log(id int, t text) PARTITION BY RANGE (id)",
              "CREATE TABLE public.log1 PARTITION OF public.log FOR VALUES FROM (0) TO (10)",
              "INSERT INTO public.log VALUES (1, 'a')", "ALTER TABLE public.log REPLICA IDENTITY FULL"});
  tables_ = {{"public", "log"}};
  const auto findings = check(superuser());
  EXPECT_THAT(errors(findings), ::testing::ElementsAre("table.partition_identity"));
  postgres::create_publication(owner, {.name = name() + "_pub", .tables = tables_, .via_root = true});
  EXPECT_THROW(owner.execute("UPDATE public.log SET t = 'b'"), postgres::QueryError);
  for (const auto& finding : findings) {
    if (finding.id == "table.partition_identity") owner.execute(finding.fix);
  }
  EXPECT_NO_THROW(owner.execute("UPDATE public.log SET t = 'b'"));
  EXPECT_THAT(errors(check(superuser())), ::testing::IsEmpty());
}

}  // namespace
}  // namespace millrace::preflight
