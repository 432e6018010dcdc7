#include "sqlserver/create_schema.hpp"

#include "lab_sqlserver.hpp"

namespace millrace::sqlserver {
namespace {

class CreateSchemaTest : public LabSqlServer {};

TEST_F(CreateSchemaTest, OneThatAnotherSessionMadeMeanwhileIsNoError) {
  session().execute("DROP SCHEMA IF EXISTS [made' ]]once]");
  EXPECT_TRUE(create_schema(session(), "made' ]once"));
  EXPECT_FALSE(create_schema(session(), "made' ]once"));
  session().execute("DROP SCHEMA [made' ]]once]");
}

}  // namespace
}  // namespace millrace::sqlserver
