#include "manager/orphans.hpp"

#include <gtest/gtest.h>

namespace millrace::manager {
namespace {

TEST(Orphans, DerivedNamesHaveBothDatabases) {
  EXPECT_TRUE(is_derived_name("p_shop_to_copy_slot", "_slot"));
  EXPECT_TRUE(is_derived_name("p_a_b_to_c_pub", "_pub"));
  for (const char* name :
       {"p_to_b_slot", "p_a_to__slot", "shop_to_copy_slot", "debezium_slot", "p_a_slot", "_slot", ""}) {
    EXPECT_FALSE(is_derived_name(name, "_slot")) << name;
  }
}

TEST(Orphans, AStemIsWhatStandsBeforeTheEnd) {
  EXPECT_EQ(stem_of("api_line_slot", "_slot"), "api_line");
  EXPECT_EQ(stem_of("_slot", "_slot"), "");
  EXPECT_EQ(stem_of("api_line_pub", "_slot"), "");
}

}  // namespace
}  // namespace millrace::manager
