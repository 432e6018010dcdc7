#include "sqlserver/lru_pool.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace millrace::sqlserver {
namespace {

using Pool = LruPool<std::unique_ptr<int>>;

TEST(LruPool, TakesOutWhatWasPut) {
  Pool pool(2);
  EXPECT_FALSE(pool.take("a"));
  pool.put("a", std::make_unique<int>(1));
  EXPECT_EQ(**pool.take("a"), 1);
  EXPECT_FALSE(pool.take("a"));
}

TEST(LruPool, TheOneLeastRecentlyReturnedGoes) {
  Pool pool(2);
  pool.put("a", std::make_unique<int>(1));
  pool.put("b", std::make_unique<int>(2));
  pool.put("a", std::move(*pool.take("a")));
  pool.put("c", std::make_unique<int>(3));
  EXPECT_EQ(pool.size(), 2U);
  EXPECT_FALSE(pool.take("b"));
  EXPECT_EQ(**pool.take("a"), 1);
  EXPECT_EQ(**pool.take("c"), 3);
}

TEST(LruPool, ANameHasOneThing) {
  Pool pool(2);
  pool.put("a", std::make_unique<int>(1));
  pool.put("a", std::make_unique<int>(2));
  EXPECT_EQ(pool.size(), 1U);
  EXPECT_EQ(**pool.take("a"), 2);
}

}  // namespace
}  // namespace millrace::sqlserver
