#include "postgres/publication.hpp"

#include <gmock/gmock.h>

#include "postgres/lab_postgres.hpp"

namespace millrace::postgres {
namespace {

using schema::ReplicaIdentity;
using schema::TableName;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class PublicationTest : public LabPostgres {};

TEST_F(PublicationTest, IsMadeAsToldAndReadBack) {
  Connection connection(superuser());
  run(connection, {"CREATE SCHEMA \"My \"\"Shop\"", "CREATE TABLE \"My \"\"Shop\".\"Or.ders\"(id int PRIMARY KEY)",
                   "CREATE TABLE public.b(id int PRIMARY KEY)"});
  const TableName odd{"My \"Shop", "Or.ders"};
  EXPECT_EQ(find_publication(connection, "P"), std::nullopt);
  create_publication(connection, {.name = "P", .tables = {{"public", "b"}, odd}, .via_root = true});
  const auto facts = find_publication(connection, "P").value();
  EXPECT_FALSE(facts.all_tables);
  EXPECT_TRUE(facts.inserts && facts.updates && facts.deletes && facts.via_root);
  EXPECT_FALSE(facts.truncates);
  EXPECT_THAT(facts.tables, ElementsAre(odd, TableName{"public", "b"}));
  EXPECT_THAT(facts.filtered_tables, IsEmpty());
  EXPECT_EQ(facts.owner, superuser().user);
  EXPECT_TRUE(drop_publication(connection, "P"));
  ::testing::internal::CaptureStderr();
  EXPECT_FALSE(drop_publication(connection, "P"));
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "") << "notices are not for the terminal";
}

TEST_F(PublicationTest, AllTablesAndTruncates) {
  Connection connection(superuser());
  run(connection, {"CREATE TABLE public.a(id int PRIMARY KEY)"});
  create_publication(connection, {.name = "everything", .all_tables = true, .truncates = true});
  const auto facts = find_publication(connection, "everything").value();
  EXPECT_TRUE(facts.all_tables && facts.truncates);
  EXPECT_FALSE(facts.via_root);
  EXPECT_THAT(facts.tables, ElementsAre(TableName{"public", "a"}));
}

TEST_F(PublicationTest, FiltersAndColumnListsAreSeen) {
  Connection connection(superuser());
  if (connection.server_version() < 150000) return;  // they came with PostgreSQL 15
  run(connection, {"CREATE TABLE public.a(id int PRIMARY KEY, v int)",
                   "CREATE TABLE public.b(id int PRIMARY KEY, v int)", "CREATE TABLE public.c(id int PRIMARY KEY)",
                   "CREATE PUBLICATION p FOR TABLE public.a WHERE (id > 5), public.b (id), public.c"});
  EXPECT_THAT(find_publication(connection, "p")->filtered_tables,
              ElementsAre(TableName{"public", "a"}, TableName{"public", "b"}));
}

TEST_F(PublicationTest, WithoutTheRightItIsAPermissionError) {
  Connection owner(superuser());
  run(owner, {"CREATE TABLE public.a(id int PRIMARY KEY)"});
  Connection connection(plain_user());
  try {
    create_publication(connection, {.name = "p", .tables = {{"public", "a"}}});
    FAIL() << "allowed";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kSourcePermission);
  }
}

TEST_F(PublicationTest, ReplicaIdentityIsSetByTheStatement) {
  Connection connection(superuser());
  run(connection, {"CREATE TABLE public.a(id int PRIMARY KEY, code int NOT NULL)",
                   "CREATE UNIQUE INDEX \"A code\" ON public.a(code)"});
  const TableName table{"public", "a"};
  for (const auto& [identity, letter] :
       {std::pair{ReplicaIdentity::kFull, "f"}, std::pair{ReplicaIdentity::kNothing, "n"},
        std::pair{ReplicaIdentity::kIndex, "i"}, std::pair{ReplicaIdentity::kDefault, "d"}}) {
    connection.execute(replica_identity_sql(table, identity, "A code"));
    EXPECT_EQ(connection.query("SELECT relreplident FROM pg_class WHERE oid = 'public.a'::regclass").text(0, 0),
              letter);
  }
}

}  // namespace
}  // namespace millrace::postgres
