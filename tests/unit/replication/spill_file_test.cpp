#include "replication/spill_file.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "pgoutput/decoder.hpp"
#include "support/error.hpp"
#include "unit/pgoutput/message_bytes.hpp"

namespace millrace::replication {
namespace {

// A directory of its own, removed at the end; it must be empty then.
class SpillTest : public testing::Test {
 protected:
  SpillTest() {
    std::string name = (std::filesystem::temp_directory_path() / "millrace-test-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
  }
  ~SpillTest() override {
    EXPECT_TRUE(std::filesystem::is_empty(directory_));
    std::filesystem::remove_all(directory_);
  }

  template <typename Source>
  static std::vector<std::string> replayed(const Source& replay) {
    std::vector<std::string> messages;
    replay([&](HeldBytes message) { messages.emplace_back(message.view); });
    return messages;
  }
  static std::vector<std::string> replayed(const SpillFile& file) {
    return replayed([&](const auto& each) { file.replay(each); });
  }
  static std::vector<std::string> replayed(const SpillStore& store, Xid xid) {
    return replayed([&](const auto& each) { store.replay(xid, each); });
  }

  std::filesystem::path directory_;
  SpillBudget budget_{std::uint64_t{1} << 30U, 0};
};

ErrorCode code_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::kInternal;
}

// Lengths from nothing to several times the buffer and the window, so that records lie across all borders.
std::vector<std::string> messages_of_all_lengths() {
  std::vector<std::string> messages;
  std::size_t number = 0;
  for (const std::size_t length : {0U, 1U, 100U, 70'000U, 262'135U, 262'136U, 262'137U, 1'048'570U, 3'000'000U}) {
    for (int repeat = 0; repeat < 5; ++repeat) {
      std::string message(length, static_cast<char>('a' + number++ % 26));
      messages.push_back(message.substr(0, length / 2) + std::to_string(number));
      messages.push_back(std::move(message));
    }
  }
  return messages;
}

TEST_F(SpillTest, GivesMessagesInTheirOrder) {
  const std::vector<std::string> messages = messages_of_all_lengths();
  SpillFile file(directory_, budget_);
  for (const std::string& message : messages) file.append(Xid{1}, {message});
  EXPECT_EQ(replayed(file), messages);
  EXPECT_EQ(replayed(file), messages) << "a second time";
  EXPECT_TRUE(std::filesystem::is_empty(directory_)) << "a file with a name would outlive kill -9";
}

TEST_F(SpillTest, ALongMessageIsMapped) {
  SpillFile file(directory_, budget_);
  std::string large;
  while (large.size() < 6'000'000) large += std::to_string(large.size()) + ",";
  file.append(Xid{1}, {"before"});
  file.append(Xid{1}, {large}, "head:");
  file.append(Xid{1}, {"after"}, "head:");
  std::vector<std::string> seen;
  std::shared_ptr<const MappedBytes> kept;
  file.replay([&](HeldBytes message) {
    seen.emplace_back(message.view);
    if (message.mapped != nullptr) kept = message.mapped->shared_from_this();
  });
  EXPECT_EQ(seen, (std::vector<std::string>{"before", "head:" + large, "head:after"}));
  ASSERT_NE(kept, nullptr);
  EXPECT_EQ(kept->view(), "head:" + large) << "what holds it outlives the replay";
}

TEST_F(SpillTest, GoesOnAfterAReplay) {
  SpillFile file(directory_, budget_);
  file.append(Xid{1}, {"a"});
  EXPECT_EQ(replayed(file), std::vector<std::string>{"a"});
  file.append(Xid{1}, {std::string(300'000, 'b')});
  file.append(Xid{1}, {"c"});
  EXPECT_EQ(replayed(file), (std::vector<std::string>{"a", std::string(300'000, 'b'), "c"}));
}

TEST_F(SpillTest, SmallTransactionsNeedNoFile) {
  SpillFile file(directory_ / "missing", budget_);
  file.append(Xid{1}, {"small"});
  EXPECT_EQ(replayed(file), std::vector<std::string>{"small"});
}

TEST_F(SpillTest, LeavesAbortedSubtransactionsOut) {
  SpillFile file(directory_, budget_);
  std::vector<std::string> kept;
  // 1 is the top; 2 is kept; 3 is rolled back, and with it 4, which lay in it.
  for (int round = 0; round < 40; ++round) {
    for (const std::uint32_t xid : {1U, 2U, 3U, 4U}) {
      const std::string message = std::to_string(xid) + std::string(20'000U * xid, '.');
      file.append(Xid{xid}, {message});
      if (xid < 3) kept.push_back(message);
    }
  }
  file.abort_subtransaction(Xid{4});
  file.abort_subtransaction(Xid{3});
  file.abort_subtransaction(Xid{99});
  EXPECT_EQ(replayed(file), kept);
  file.append(Xid{5}, {"after"});
  kept.emplace_back("after");
  EXPECT_EQ(replayed(file), kept);
}

TEST_F(SpillTest, BudgetIsSharedAndGivenBack) {
  budget_.limit = 1000;
  SpillFile first(directory_, budget_);
  first.append(Xid{1}, {std::string(492, 'x')});
  {
    SpillFile second(directory_, budget_);
    second.append(Xid{2}, {std::string(492, 'y')});
    EXPECT_EQ(budget_.used, 1000U);
    EXPECT_EQ(code_of([&] { first.append(Xid{1}, {""}); }), ErrorCode::kSpillFull);
  }
  EXPECT_EQ(budget_.used, first.bytes());
  first.append(Xid{1}, {std::string(492, 'z')});
  EXPECT_EQ(replayed(first).size(), 2U);
}

// The largest size of a file stands in for a full disk: a write is cut short and then refused.
TEST_F(SpillTest, FullDiskLosesNothingOfWhatWasKept) {
  const auto former = std::signal(SIGXFSZ, SIG_IGN);
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
  rlimit small = limit;
  small.rlim_cur = 600'000;
  std::vector<std::string> kept;
  SpillFile file(directory_, budget_);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const ErrorCode code = code_of([&] {
    for (int number = 0; number < 100; ++number) {
      const std::string message = std::to_string(number) + std::string(number % 7 == 6 ? 400'000 : 50'000, 'x');
      file.append(Xid{1}, {message});
      kept.push_back(message);
    }
  });
  EXPECT_EQ(code, ErrorCode::kSpillFull);
  EXPECT_TRUE(error_info(code).retry == RetryClass::kTimed);
  EXPECT_EQ(replayed(file), kept);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  std::signal(SIGXFSZ, former);
  for (int number = 0; number < 10; ++number) {
    kept.push_back(std::string(100'000, static_cast<char>('a' + number)));
    file.append(Xid{1}, {kept.back()});
  }
  EXPECT_EQ(replayed(file), kept) << "once there is room again";
}

TEST_F(SpillTest, NamesADirectoryThatIsMissing) {
  SpillFile file(directory_ / "missing", budget_);
  try {
    file.append(Xid{1}, {std::string(1'000'000, 'x')});
    ADD_FAILURE() << "wrote into nothing";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kSpillFailed);
    EXPECT_NE(error.message().find((directory_ / "missing").string()), std::string::npos);
  }
}

TEST_F(SpillTest, FileSystemsWithoutNamelessFiles) {
  UnlinkedFile file(directory_, UnlinkedFile::Naming::kRemoved);
  EXPECT_TRUE(std::filesystem::is_empty(directory_));
  file.write(3, "abc");
  std::string read(3, ' ');
  file.read(3, read.data(), read.size());
  EXPECT_EQ(read, "abc");
  EXPECT_EQ(code_of([&] { file.read(4, read.data(), read.size()); }), ErrorCode::kSpillFailed);
}

TEST_F(SpillTest, StoreKeepsTransactionsApart) {
  SpillStore store(directory_);
  store.append(Xid{1}, Xid{1}, {"1a"});
  store.append(Xid{2}, Xid{2}, {"2a"});
  store.append(Xid{1}, Xid{3}, {"1b"});
  store.append(Xid{2}, Xid{4}, {"2b"});
  store.abort(Xid{1}, Xid{3});
  store.abort(Xid{9}, Xid{10});
  EXPECT_EQ(store.transactions(), 2U);
  EXPECT_EQ(replayed(store, Xid{1}), std::vector<std::string>{"1a"});
  EXPECT_EQ(replayed(store, Xid{2}), (std::vector<std::string>{"2a", "2b"}));
  EXPECT_TRUE(replayed(store, Xid{3}).empty());

  store.abort(Xid{2}, Xid{2});
  EXPECT_TRUE(replayed(store, Xid{2}).empty());
  store.remove(Xid{1});
  EXPECT_EQ(store.transactions(), 0U);
  EXPECT_EQ(store.bytes(), 0U);
  // The server begins anew: what was rolled back then says nothing of the same ids now.
  store.append(Xid{1}, Xid{3}, {"1b again"});
  EXPECT_EQ(replayed(store, Xid{1}), std::vector<std::string>{"1b again"});
}

TEST_F(SpillTest, StoreHasOneQuota) {
  SpillStore store(directory_, 100);
  store.append(Xid{1}, Xid{1}, {std::string(42, 'x')});
  store.append(Xid{2}, Xid{2}, {std::string(42, 'x')});
  EXPECT_EQ(code_of([&] { store.append(Xid{3}, Xid{3}, {"x"}); }), ErrorCode::kSpillFull);
  store.clear();
  store.append(Xid{3}, Xid{3}, {"x"});
  EXPECT_EQ(replayed(store, Xid{3}), std::vector<std::string>{"x"});
}

TEST_F(SpillTest, WhatIsThrownByTheReaderComesThrough) {
  SpillStore store(directory_);
  store.append(Xid{1}, Xid{1}, {"a"});
  EXPECT_THROW(store.replay(Xid{1}, [](HeldBytes) { throw std::out_of_range("reader"); }), std::out_of_range);
  EXPECT_EQ(replayed(store, Xid{1}).size(), 1U);
}

// As the server sends it: a relation described inside the block, once more after the rollback of the subtransaction
// that described it first.
TEST_F(SpillTest, RelationsAreReplayedAmongTheirData) {
  using namespace pgoutput::bytes;
  const std::string described = pgoutput::bytes::relation(7, "public", "t", {key_column("id", 23)}, 'd', 3);
  const std::string described_again = pgoutput::bytes::relation(7, "public", "t", {key_column("id", 23)}, 'd', 1);
  SpillStore store(directory_);
  const std::string early = insert(7, {text("in the subtransaction")}, 3);
  const std::string late = insert(7, {text("after it")}, 1);
  store.append(Xid{1}, Xid{3}, {described});
  store.append(Xid{1}, Xid{3}, {early});
  store.abort(Xid{1}, Xid{3});
  store.append(Xid{1}, Xid{1}, {described_again});
  store.append(Xid{1}, Xid{1}, {late});

  pgoutput::Decoder decoder;
  pgoutput::Message message;
  decoder.decode(stream_start(1, true), message);
  std::vector<std::string> seen;
  store.replay(Xid{1}, [&](HeldBytes bytes) {
    decoder.decode(bytes.view, message);
    seen.push_back(encode(message));
  });
  EXPECT_EQ(seen, (std::vector<std::string>{described_again, late}));
}

}  // namespace
}  // namespace millrace::replication
