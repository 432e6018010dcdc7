#include <gtest/gtest.h>

#include "sqlserver/catalog.hpp"

namespace millrace::sqlserver {
namespace {

using schema::TargetType;

TEST(CatalogType, CountsCharactersNotBytes) {
  EXPECT_EQ(catalog_type("nvarchar", 900, 0, 0), (TargetType{.name = "nvarchar", .length = 450}));
  EXPECT_EQ(catalog_type("nchar", 20, 0, 0), (TargetType{.name = "nchar", .length = 10}));
  EXPECT_EQ(catalog_type("varchar", 20, 0, 0), (TargetType{.name = "varchar", .length = 20}));
  EXPECT_EQ(catalog_type("nvarchar", -1, 0, 0), (TargetType{.name = "nvarchar", .length = TargetType::kMax}));
  EXPECT_EQ(catalog_type("varbinary", -1, 0, 0), (TargetType{.name = "varbinary", .length = TargetType::kMax}));
}

TEST(CatalogType, KeepsOnlyWhatTheTypeTakes) {
  EXPECT_EQ(catalog_type("int", 4, 10, 0), (TargetType{.name = "int"}));
  EXPECT_EQ(catalog_type("datetime2", 8, 26, 6), (TargetType{.name = "datetime2", .scale = 6}));
  EXPECT_EQ(catalog_type("date", 3, 10, 0), (TargetType{.name = "date"}));
  EXPECT_EQ(catalog_type("float", 8, 53, 0), (TargetType{.name = "float", .precision = 53}));
  EXPECT_EQ(catalog_type("real", 4, 24, 0), (TargetType{.name = "real"}));
  EXPECT_EQ(catalog_type("uniqueidentifier", 16, 0, 0), (TargetType{.name = "uniqueidentifier"}));
  EXPECT_EQ(catalog_type("money", 8, 19, 4), (TargetType{.name = "money"}));
}

TEST(CatalogType, NumericIsDecimal) {
  EXPECT_EQ(catalog_type("numeric", 9, 12, 2), (TargetType{.name = "decimal", .precision = 12, .scale = 2}));
}

}  // namespace
}  // namespace millrace::sqlserver
