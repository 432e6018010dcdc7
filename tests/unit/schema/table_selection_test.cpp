#include "schema/table_selection.hpp"

#include <gmock/gmock.h>

#include "support/error.hpp"

namespace millrace::schema {
namespace {

const std::vector<TableName> kTables = {{"public", "Orders"},
                                        {"public", "customers"},
                                        {"public", "my.table"},
                                        {"sales", "order_items"},
                                        {"sales", "orders"}};

TEST(SelectTables, TakesNamesPatternsAndQuotes) {
  EXPECT_THAT(select_tables({"customers", "sales.*", "sales.orders"}, "public", kTables),
              ::testing::ElementsAre(TableName{"public", "customers"}, TableName{"sales", "order_items"},
                                     TableName{"sales", "orders"}));
  EXPECT_THAT(select_tables({"\"my.table\""}, "public", kTables),
              ::testing::ElementsAre(TableName{"public", "my.table"}));
  EXPECT_THAT(select_tables({"orders"}, "public", kTables), ::testing::ElementsAre(TableName{"public", "Orders"}));
}

TEST(SelectTables, NamesEveryMissingEntryAndTheNearest) {
  try {
    select_tables({"custmers", "customers", "nowhere.*"}, "public", kTables);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kTableNotFound);
    EXPECT_THAT(error.message(), ::testing::HasSubstr("custmers, nowhere.*"));
    EXPECT_THAT(error.notes(), ::testing::Contains(::testing::HasSubstr("did you mean customers")));
  }
}

TEST(SelectTables, RefusesAnEmptyList) {
  EXPECT_THROW(select_tables({}, "public", kTables), Error);
}

TEST(SelectTables, OneEntryAndOneTable) {
  EXPECT_TRUE(is_pattern("sales.*"));
  EXPECT_TRUE(is_pattern("order?"));
  EXPECT_FALSE(is_pattern("\"a*b\"")) << "quotes keep a name whole";
  EXPECT_FALSE(is_pattern("a[1]"));
  EXPECT_TRUE(selects("\"a*b\"", "public", {"public", "a*b"}));
  EXPECT_FALSE(selects("\"a*b\"", "public", {"public", "acb"}));
  EXPECT_TRUE(selects("Orders", "public", {"public", "orders"}));
  EXPECT_FALSE(selects("orders", "public", {"sales", "orders"}));
  EXPECT_THROW(selects("a.b.c", "public", {"public", "a"}), Error);
}

}  // namespace
}  // namespace millrace::schema
