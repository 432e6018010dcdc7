#include <gtest/gtest.h>

#include "postgres/publication.hpp"

namespace millrace::postgres {
namespace {

using schema::ReplicaIdentity;

TEST(CreatePublicationSql, NamesTablesQuotedAndInOrder) {
  EXPECT_EQ(create_publication_sql({.name = "p\"q", .tables = {{"public", "b"}, {"My", "a"}}}),
            "CREATE PUBLICATION \"p\"\"q\" FOR TABLE \"public\".\"b\", \"My\".\"a\" "
            "WITH (publish = 'insert, update, delete')");
}

TEST(CreatePublicationSql, AllTablesLeavesTheListOut) {
  EXPECT_EQ(create_publication_sql({.name = "p", .all_tables = true, .tables = {{"public", "b"}}, .truncates = true}),
            "CREATE PUBLICATION \"p\" FOR ALL TABLES WITH (publish = 'insert, update, delete, truncate')");
}

TEST(CreatePublicationSql, ViaRootIsAsked) {
  EXPECT_EQ(create_publication_sql({.name = "p", .tables = {{"s", "t"}}, .via_root = true}),
            "CREATE PUBLICATION \"p\" FOR TABLE \"s\".\"t\" "
            "WITH (publish = 'insert, update, delete', publish_via_partition_root = true)");
}

TEST(ReplicaIdentitySql, NamesEveryKind) {
  const schema::TableName table{"s", "t"};
  EXPECT_EQ(replica_identity_sql(table, ReplicaIdentity::kFull), "ALTER TABLE \"s\".\"t\" REPLICA IDENTITY FULL");
  EXPECT_EQ(replica_identity_sql(table, ReplicaIdentity::kDefault), "ALTER TABLE \"s\".\"t\" REPLICA IDENTITY DEFAULT");
  EXPECT_EQ(replica_identity_sql(table, ReplicaIdentity::kNothing), "ALTER TABLE \"s\".\"t\" REPLICA IDENTITY NOTHING");
  EXPECT_EQ(replica_identity_sql(table, ReplicaIdentity::kIndex, "i\"x"),
            "ALTER TABLE \"s\".\"t\" REPLICA IDENTITY USING INDEX \"i\"\"x\"");
}

TEST(ResultOfAQuery, MissingFieldsAndNonNumbersAreErrors) {
  const Result result({{"12", std::nullopt, "t", "x1"}});
  EXPECT_EQ(result.integer(0, 0), 12);
  EXPECT_TRUE(result.boolean(0, 2));
  EXPECT_FALSE(result.boolean(0, 0));
  EXPECT_THROW(result.text(0, 1), Error);
  EXPECT_THROW(result.text(0, 9), Error);
  EXPECT_THROW(result.text(1, 0), Error);
  EXPECT_THROW(result.integer(0, 3), Error);
  EXPECT_TRUE(Result({}).empty());
}

}  // namespace
}  // namespace millrace::postgres
