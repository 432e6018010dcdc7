#include "replication/loads_beside.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <future>
#include <stdexcept>

#include "binding_fixture.hpp"
#include "pgoutput/decoder.hpp"
#include "tuples.hpp"
#include "unit/pgoutput/message_bytes.hpp"

namespace millrace::replication {
namespace {

namespace bytes = pgoutput::bytes;

constexpr std::uint32_t kLog = 16385;
constexpr std::uint32_t kOrders = 16384;
constexpr std::chrono::milliseconds kGoesOn{100};

/// The stream carries public.log; public.orders is loaded beside it.
class Beside : public testing::Test {
 protected:
  void SetUp() override {
    main_.bind(log_);
    auto log = relation_of(*log_, kLog);
    plain(bytes::encode(log));
    streamed_.begin_block();
  }

  void plain(const std::string& raw) { give(decoder_, raw, false); }
  void streamed(const std::string& raw) { give(streamed_, raw, true); }
  void give(pgoutput::Decoder& decoder, const std::string& raw, bool with_ids) {
    pgoutput::Message message;
    decoder.decode(raw, message);
    if (!loads_.take(message, {raw}, with_ids)) builder_.change(message);
  }
  void begin(std::uint64_t lsn) {
    builder_.begin(Lsn(lsn), 7);
    loads_.begin(Lsn(lsn), 7);
  }
  void commit(std::uint64_t lsn) {
    builder_.commit(Lsn(lsn), 7);
    loads_.commit(Lsn(lsn), 7);
  }
  void tell_orders(std::uint32_t xid = 0) {
    auto relation = relation_of(*orders_, kOrders);
    relation.xid = {xid};
    xid == 0 ? plain(bytes::encode(relation)) : streamed(bytes::encode(relation));
  }

  static std::vector<std::string> lines(const Batch& batch) {
    std::vector<std::string> text;
    for (const auto& segment : batch.segments) {
      for (const auto& part : segment.net) {
        part.changes.for_each([&](const NetChange& change) { text.push_back(show(change)); });
      }
      for (const auto& change : segment.ordered) text.push_back(change.table->source().name);
      for (const auto& step : segment.steps) text.push_back("step " + step.sql);
    }
    return text;
  }
  using Lines = std::vector<std::string>;

  std::vector<std::unique_ptr<Batch>> hand_over() {
    std::vector<std::unique_ptr<Batch>> batches;
    loads_.hand_over(builder_, [&](std::unique_ptr<Batch> batch) { batches.push_back(std::move(batch)); });
    return batches;
  }

  std::shared_ptr<TableBinding> orders_ = orders();
  std::shared_ptr<TableBinding> log_ = log_table();
  RelationMap main_;
  FakeWatcher watcher_;
  BatchBuilder builder_{main_, watcher_, [](const TableBinding&) { return false; }, true};
  LoadsBeside loads_{
      {orders_},
      main_,
      {.spill_dir = std::filesystem::temp_directory_path(),
       .batch_bytes = 4096,
       .referenced = [](const TableBinding&) { return false; },
       .watcher = [] { return std::make_unique<FakeWatcher>(); },
       .goes_on = kGoesOn,
       .ready = [](const schema::TableName& source,
                   std::int64_t rows) { return TargetStep{.sql = source.name + " has " + std::to_string(rows)}; }}};
  pgoutput::Decoder decoder_;
  pgoutput::Decoder streamed_;
};

TEST_F(Beside, ChangesWaitForTheLoadAndComeBehindIt) {
  begin(100);
  tell_orders();
  plain(bytes::insert(kOrders, tuple("1,in the load,t")));
  plain(bytes::insert(kLog, tuple("a,b,1,2,x")));
  commit(110);
  begin(200);
  plain(bytes::insert(kOrders, tuple("2,behind it,t")));
  plain(bytes::update(kOrders, tuple("1,changed,t")));
  commit(210);
  begin(300);
  plain(bytes::insert(kLog, tuple("c,d,1,2,x")));
  commit(310);
  EXPECT_EQ(lines(*builder_.take()), (Lines{"log", "log"})) << "the stream's own table does not wait";
  EXPECT_FALSE(loads_.ready());
  EXPECT_TRUE(loads_.holds());

  orders_->set_snapshot_lsn(Lsn(150));
  loads_.start([this](const std::stop_token&) { loads_.loaded({"public", "orders"}, 17); }, [] {});
  while (!loads_.ready()) std::this_thread::yield();
  const auto batches = hand_over();
  ASSERT_EQ(batches.size(), 1U);
  EXPECT_EQ(lines(*batches[0]), (Lines{"insert 2,behind it,t", "update 1: 1,changed,t", "step orders has 17"}));
  EXPECT_TRUE(batches[0]->commits);
  EXPECT_EQ(batches[0]->end_lsn, Lsn(310)) << "the checkpoint stays where the stream is";
  ASSERT_EQ(batches[0]->origins.size(), 1U);
  EXPECT_EQ(batches[0]->origins[0].commit_lsn, Lsn(200));
  EXPECT_FALSE(loads_.holds());

  // From here on the stream carries the table, without being told its relation again.
  begin(400);
  plain(bytes::insert(kOrders, tuple("3,streamed,t")));
  commit(410);
  EXPECT_EQ(lines(*builder_.take()), Lines{"insert 3,streamed,t"});
}

TEST_F(Beside, ALargeSpoolIsOneTargetTransactionInPieces) {
  begin(100);
  tell_orders(9);
  for (int i = 0; i < 50; ++i) {
    streamed(bytes::insert(kOrders, tuple(std::to_string(i) + "," + std::string(300, 'x') + ",t"), 9));
  }
  commit(110);
  builder_.take();
  loads_.start([this](const std::stop_token&) { loads_.loaded({"public", "orders"}, 0); }, [] {});
  while (!loads_.ready()) std::this_thread::yield();
  const auto batches = hand_over();
  ASSERT_GT(batches.size(), 2U);
  std::size_t rows = 0;
  for (const auto& batch : batches) {
    EXPECT_EQ(batch->commits, batch == batches.back());
    EXPECT_EQ(batch->end_lsn, Lsn(110));
    rows += batch->changes;
  }
  EXPECT_EQ(rows, 50U);
}

TEST_F(Beside, ATruncateOfTablesOnBothSides) {
  begin(100);
  tell_orders();
  plain(bytes::insert(kOrders, tuple("1,a,t")));
  plain(bytes::truncate({kLog, kOrders}));
  commit(110);
  EXPECT_EQ(lines(*builder_.take()), Lines{"step TRUNCATE TABLE [dbo].[log];"});
  loads_.start([this](const std::stop_token&) { loads_.loaded({"public", "orders"}, 0); }, [] {});
  while (!loads_.ready()) std::this_thread::yield();
  const auto batches = hand_over();
  ASSERT_EQ(batches.size(), 1U);
  EXPECT_EQ(lines(*batches[0]), (Lines{"insert 1,a,t", "step TRUNCATE TABLE [dbo].[orders];", "step orders has 0"}));
}

TEST_F(Beside, AFailureThatPassesLetsTheOtherTablesGoOnForAWhile) {
  begin(100);
  tell_orders();
  plain(bytes::insert(kOrders, tuple("1,held back,t")));
  commit(110);
  builder_.take();
  std::promise<void> over;
  loads_.start([](const std::stop_token&) { throw Error(ErrorCode::kPlanOutdated, "changed"); },
               [&] { over.set_value(); });
  over.get_future().wait();
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_FALSE(loads_.ready());
  begin(200);
  plain(bytes::insert(kOrders, tuple("2,of no use,t")));
  plain(bytes::insert(kLog, tuple("a,b,1,2,x")));
  commit(210);
  EXPECT_EQ(lines(*builder_.take()), Lines{"log"}) << "the other table goes on, and nothing comes of the failed one";
  const auto until_thrown = [&] {
    while (!loads_.ready()) std::this_thread::yield();
  };
  EXPECT_THROW(until_thrown(), Error);
  EXPECT_GE(std::chrono::steady_clock::now() - begun, kGoesOn);
  EXPECT_TRUE(loads_.holds());
}

TEST_F(Beside, WhatEndsTheLoadEndsTheStream) {
  loads_.start([](const std::stop_token&) { throw std::runtime_error("gone"); }, [] {});
  const auto until_thrown = [&] {
    while (!loads_.ready()) std::this_thread::yield();
  };
  EXPECT_THROW(until_thrown(), std::runtime_error);
  EXPECT_TRUE(loads_.holds());
}

}  // namespace
}  // namespace millrace::replication
