#include "replication/stream_activity.hpp"

#include <gtest/gtest.h>

#include "binding_fixture.hpp"

namespace millrace::replication {
namespace {

constexpr std::int64_t kSecondUs = 1'000'000;

TEST(StreamActivity, CountsWhatIsCommittedTableByTable) {
  const Table table = orders();
  StreamActivity activity;
  activity.carry("public.quiet", 12);

  Batch piece;
  piece.commits = false;
  piece.counts.push_back({table, {.inserts = 2}});
  activity.applied(piece, 10 * kSecondUs);
  EXPECT_EQ(activity.tables().size(), 1U) << "a transaction that is not committed counts for nothing";

  Batch rest;
  rest.counts.push_back({table, {.inserts = 1, .updates = 3, .deletes = 4}});
  rest.commit_time = 9 * kSecondUs;
  rest.origins.push_back({Lsn(1), 9 * kSecondUs});
  activity.applied(rest, 10 * kSecondUs);

  const auto tables = activity.tables();
  ASSERT_EQ(tables.size(), 2U);
  const auto& carried = tables[0].table == "public.quiet" ? tables[1] : tables[0];
  EXPECT_EQ(carried.table, table->source().to_string());
  EXPECT_EQ(carried.changes.inserts, 3U);
  EXPECT_EQ(carried.changes.updates, 3U);
  EXPECT_EQ(carried.changes.deletes, 4U);
  EXPECT_EQ(carried.last_commit_ms, pg_time_to_unix_ms(9 * kSecondUs));
  EXPECT_EQ(activity.latency().total(), 1U);
  EXPECT_DOUBLE_EQ(activity.latency().sum_ms, 1000.0);
}

TEST(StreamActivity, ASourceWhoseClockRunsAheadHasNoNegativeLatency) {
  StreamActivity activity;
  Batch batch;
  batch.origins.push_back({Lsn(1), 20 * kSecondUs});
  activity.applied(batch, 10 * kSecondUs);
  EXPECT_EQ(activity.latency().counts.front(), 1U);
}

TEST(LatencyCounts, QuantilesLieWithinTheirBuckets) {
  LatencyCounts counts;
  EXPECT_FALSE(counts.quantile(0.5).has_value());
  for (int i = 0; i < 90; ++i) counts.add(3);
  for (int i = 0; i < 10; ++i) counts.add(700);
  EXPECT_GT(*counts.quantile(0.5), 2);
  EXPECT_LE(*counts.quantile(0.5), 5);
  EXPECT_GT(*counts.quantile(0.95), 500);
  EXPECT_LE(*counts.quantile(0.95), 1000);
  const auto earlier = counts;
  counts.add(1e9);
  EXPECT_EQ(counts.since(earlier).total(), 1U);
  EXPECT_DOUBLE_EQ(*counts.since(earlier).quantile(0.99), LatencyCounts::kBoundsMs.back());
}

}  // namespace
}  // namespace millrace::replication
