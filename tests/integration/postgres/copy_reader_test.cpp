#include "postgres/copy_reader.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <set>
#include <thread>

#include "postgres/copy_channel.hpp"
#include "postgres/lab_postgres.hpp"
#include "postgres/replication_connection.hpp"

namespace millrace::postgres {
namespace {

constexpr std::size_t kHeader = 19;  // signature, flags, length of the extension

/// The int8 values of a stream of one-column rows, in the order they came.
std::vector<std::int64_t> read_all(CopyReader& reader) {
  std::string bytes;
  while (const auto piece = reader.next({})) bytes += piece->view;
  std::vector<std::int64_t> values;
  std::size_t at = kHeader;
  while (at + 14 <= bytes.size()) {  // field count, length, value
    std::int64_t value = 0;
    for (std::size_t i = at + 6; i < at + 14; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
    values.push_back(value);
    at += 14;
  }
  EXPECT_EQ(bytes.substr(at), "\xFF\xFF") << "the trailer";
  return values;
}

class CopyReaderTest : public LabPostgres {
 protected:
  /// Ids of all parts, read one after the other; each must come once.
  static std::multiset<std::int64_t> ids(Connection& connection, const std::vector<TablePart>& parts,
                                         const std::string& snapshot = {}) {
    std::multiset<std::int64_t> all;
    for (const auto& part : parts) {
      CopyReader reader(connection, part, {"id"}, snapshot);
      for (const auto id : read_all(reader)) all.insert(id);
    }
    return all;
  }
  static std::multiset<std::int64_t> numbers(std::int64_t last) {
    std::multiset<std::int64_t> all;
    for (std::int64_t i = 1; i <= last; ++i) all.insert(i);
    return all;
  }
};

TEST_F(CopyReaderTest, RangesTogetherAreTheTable) {
  Connection connection(superuser());
  run(connection, {"CREATE TABLE public.big (id bigint, filler text)",
                   "INSERT INTO public.big SELECT i, repeat('x', 500) FROM generate_series(1, 2000) i",
                   "DELETE FROM public.big WHERE id > 1990"});
  const auto parts = split_table(connection, {"public", "big"}, 4, 10);
  ASSERT_EQ(parts.size(), connection.server_version() >= 140000 ? 4U : 1U);
  EXPECT_EQ(parts.front().blocks.first, 0U);
  EXPECT_EQ(parts.back().blocks.end, std::nullopt);
  EXPECT_EQ(ids(connection, parts), numbers(1990));
  // None of them is the whole.
  CopyReader one(connection, parts[1], {"id"}, "");
  const auto some = read_all(one);
  EXPECT_GT(some.size(), 300U);
  EXPECT_LT(some.size(), 700U);
}

TEST_F(CopyReaderTest, SmallAndEmptyTablesAreOnePart) {
  Connection connection(superuser());
  run(connection, {"CREATE TABLE public.small (id bigint)"});
  const auto parts = split_table(connection, {"public", "small"}, 8);
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_TRUE(parts[0].whole);
  EXPECT_TRUE(ids(connection, parts).empty());
}

TEST_F(CopyReaderTest, PartitionsAreReadByLeafAndChildrenAreNot) {
  Connection connection(superuser());
  run(connection, {"CREATE TABLE public.root (id bigint) PARTITION BY RANGE (id)",
                   "CREATE TABLE public.low PARTITION OF public.root FOR VALUES FROM (0) TO (10)",
                   "CREATE TABLE public.high PARTITION OF public.root FOR VALUES FROM (10) TO (100) "
                   "PARTITION BY RANGE (id)",
                   "CREATE TABLE public.\"Top\" PARTITION OF public.high FOR VALUES FROM (10) TO (100)",
                   "INSERT INTO public.root SELECT i FROM generate_series(1, 20) i",
                   "CREATE TABLE public.parent (id bigint)", "CREATE TABLE public.child () INHERITS (public.parent)",
                   "INSERT INTO public.parent VALUES (1)", "INSERT INTO public.child VALUES (99)"});
  const auto leaves = split_table(connection, {"public", "root"}, 4);
  ASSERT_EQ(leaves.size(), 2U);
  EXPECT_EQ(leaves[0].relation.name, "Top");
  EXPECT_EQ(ids(connection, leaves), numbers(20));
  EXPECT_EQ(ids(connection, split_table(connection, {"public", "parent"}, 4)), numbers(1));
  // The root itself, all leaves at once.
  CopyReader root(connection, {.relation = {"public", "root"}, .blocks = {}, .whole = true}, {"id"}, "", false);
  EXPECT_EQ(read_all(root).size(), 20U);
}

TEST_F(CopyReaderTest, ATableThatIsNotThereIsTold) {
  Connection connection(superuser());
  try {
    split_table(connection, {"public", "nothing"}, 2);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kTableNotFound);
  }
}

TEST_F(CopyReaderTest, AnExportedSnapshotIsWhatIsRead) {
  Connection connection(superuser());
  run(connection, {"CREATE TABLE public.t (id bigint)", "INSERT INTO public.t VALUES (1), (2)"});
  std::string snapshot;
  {
    ReplicationConnection holder(superuser());
    snapshot = holder.create_temporary_slot(name() + "_tmp", {}).snapshot;
    run(connection, {"INSERT INTO public.t VALUES (3)"});
    EXPECT_EQ(ids(connection, split_table(connection, {"public", "t"}, 1), snapshot), numbers(2));
    EXPECT_EQ(ids(connection, split_table(connection, {"public", "t"}, 1)), numbers(3));
  }
  // The walsender ends a moment after its client.
  for (int i = 0; i < 600; ++i) {
    if (connection.query("SELECT 1 FROM pg_replication_slots WHERE slot_name = $1", {name() + "_tmp"}).empty()) break;
    run(connection, {"SELECT pg_sleep(0.05)"});
  }
  try {
    ids(connection, split_table(connection, {"public", "t"}, 1), snapshot);
    FAIL() << "the snapshot outlived its owner";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kSnapshotGone);
  }
  // The connection serves on.
  EXPECT_EQ(ids(connection, split_table(connection, {"public", "t"}, 1)), numbers(3));
}

TEST_F(CopyReaderTest, AnErrorInTheMiddleIsTheServers) {
  Connection connection(superuser());
  run(connection,
      {"CREATE TABLE public.t (id bigint)", "INSERT INTO public.t SELECT i FROM generate_series(1, 20000) i"});
  const TablePart whole{.relation = {"public", "t"}, .blocks = {}, .whole = true};
  CopyReader reader(connection, whole, {"1 / (id - 19999)"}, "");
  try {
    while (reader.next({})) {
    }
    FAIL() << "a COPY with an error ended well";
  } catch (const QueryError& error) {
    EXPECT_EQ(error.sqlstate(), "22012");
  }
}

TEST_F(CopyReaderTest, AReaderThatIsLeftEarlyCancelsTheCopy) {
  Connection connection(superuser());
  run(connection, {"CREATE TABLE public.t AS SELECT i::bigint AS id FROM generate_series(1, 100000) i"});
  const TablePart whole{.relation = {"public", "t"}, .blocks = {}, .whole = true};
  {
    CopyReader reader(connection, whole, {"id", "repeat('x', 1000)"}, "");
    ASSERT_TRUE(reader.next({}));
  }
  EXPECT_EQ(connection.query("SELECT count(*) FROM public.t").integer(0, 0), 100000);
}

TEST_F(CopyReaderTest, LongRowsLieInAFileAmongShortOnes) {
  Connection connection(superuser());
  run(connection, {"CREATE TABLE public.long (id bigint)", "INSERT INTO public.long SELECT generate_series(1, 300)"});
  const TablePart whole{.relation = {"public", "long"}, .blocks = {}, .whole = true};
  // At each end of what fits into memory, and far beyond.
  const auto size = [](int id) {
    const auto most = static_cast<std::size_t>(CopyChannel::kLongest);
    return id % 50 == 7    ? 3 * most
           : id % 50 == 20 ? most - 18  // field count, two lengths, the id: as long as it may be
           : id % 50 == 21 ? most - 17
                           : static_cast<std::size_t>(id);
  };
  const std::string most = std::to_string(CopyChannel::kLongest);
  CopyReader reader(connection, whole,
                    {"id", "repeat(chr(97 + (id % 26)::int), CASE id % 50 WHEN 7 THEN 3 * " + most + " WHEN 20 THEN " +
                               most + " - 18 WHEN 21 THEN " + most + " - 17 ELSE id END::int)"},
                    "");
  int id = 0;
  std::size_t in_files = 0;
  while (const auto piece = reader.next({})) {
    auto bytes = piece->view;
    if (id == 0) bytes.remove_prefix(kHeader);
    if (bytes == "\xFF\xFF") continue;
    ++id;
    ASSERT_EQ(bytes.size(), 2U + 4 + 8 + 4 + size(id)) << id;
    EXPECT_EQ(bytes.substr(18), std::string(size(id), static_cast<char>('a' + id % 26))) << id;
    EXPECT_EQ(piece->mapped != nullptr, bytes.size() > CopyChannel::kLongest) << id;
    in_files += piece->mapped != nullptr ? 1 : 0;
  }
  EXPECT_EQ(id, 300);
  EXPECT_EQ(in_files, 12U);
  EXPECT_EQ(connection.query("SELECT count(*) FROM public.long").text(0, 0), "300") << "libpq goes on";
}

TEST_F(CopyReaderTest, ALongRowThatIsLeftNeedsNoFile) {
  Connection connection(superuser());
  run(connection, {"CREATE TABLE public.long (id bigint)", "INSERT INTO public.long SELECT generate_series(1, 20)"});
  const TablePart whole{.relation = {"public", "long"}, .blocks = {}, .whole = true};
  const std::filesystem::path missing = "/there/is/no/such/directory";
  {
    CopyReader reader(connection, whole, {"id", "repeat('x', 1 + (id / 2)::int * 8000000)"}, "", true, {}, missing);
    ASSERT_TRUE(reader.next({}));
    try {
      while (reader.next({})) {
      }
      FAIL() << "where would the row be?";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kSpillFailed) << error.message();
    }
  }
  EXPECT_EQ(connection.query("SELECT count(*) FROM public.long").text(0, 0), "20") << "the connection is of use";
}

TEST_F(CopyReaderTest, AStopEndsAWait) {
  Connection connection(superuser());
  run(connection, {"CREATE TABLE public.t (id bigint)", "INSERT INTO public.t VALUES (1)"});
  const TablePart whole{.relation = {"public", "t"}, .blocks = {}, .whole = true};
  std::stop_source stop;
  ErrorCode code = ErrorCode::kInternal;
  {
    CopyReader reader(connection, whole, {"id", "pg_sleep(3600)::text"}, "");
    std::thread waiting([&] {
      try {
        while (reader.next(stop.get_token())) {
        }
      } catch (const Error& error) {
        code = error.code();
      }
    });
    stop.request_stop();
    waiting.join();
  }
  EXPECT_EQ(code, ErrorCode::kInterrupted);
  EXPECT_EQ(connection.query("SELECT 1").integer(0, 0), 1);
}

TEST_F(CopyReaderTest, SettingsAndTimeoutsAreTheReaders) {
  Connection connection(superuser());
  run(connection,
      {"CREATE TABLE public.t (id bigint)", "INSERT INTO public.t VALUES (1)", "SET statement_timeout = '100ms'"});
  const TablePart whole{.relation = {"public", "t"}, .blocks = {}, .whole = true};
  CopyReader reader(connection, whole, {"pg_sleep(0.3)::text", "to_char(now(), 'TZ')"}, "", true,
                    {"SET timezone = 'Asia/Tokyo'"});
  std::string bytes;
  while (const auto piece = reader.next({})) bytes += piece->view;
  EXPECT_NE(bytes.find("JST"), std::string::npos);
}

TEST_F(CopyReaderTest, ATerminatedServerProcessIsUnreachable) {
  Connection connection(superuser());
  Connection other(superuser());
  run(connection, {"CREATE TABLE public.t (id bigint)", "INSERT INTO public.t VALUES (1)"});
  const auto pid = connection.query("SELECT pg_backend_pid()").text(0, 0);
  const TablePart whole{.relation = {"public", "t"}, .blocks = {}, .whole = true};
  CopyReader reader(connection, whole, {"id", "pg_sleep(3600)::text"}, "");
  run(other, {"SELECT pg_terminate_backend(" + pid + ")"});
  try {
    while (reader.next({})) {
    }
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kSourceUnreachable);
  }
}

TEST_F(CopyReaderTest, ATableRewrittenBehindTheSnapshotIsNotTakenForEmpty) {
  Connection connection(superuser());
  for (const auto* change : {"ALTER TABLE public.rewritten ALTER COLUMN id TYPE bigint", "TRUNCATE public.rewritten"}) {
    run(connection, {"DROP TABLE IF EXISTS public.rewritten", "CREATE TABLE public.rewritten (id int)",
                     "INSERT INTO public.rewritten VALUES (1), (2)"});
    Connection owner(superuser());
    owner.execute("BEGIN ISOLATION LEVEL REPEATABLE READ");
    const auto snapshot = owner.query("SELECT pg_export_snapshot()").text(0, 0);
    const auto part = split_table(connection, {"public", "rewritten"}, 1).front();
    {
      CopyReader before(connection, part, {"id::bigint"}, snapshot);
      EXPECT_EQ(read_all(before).size(), 2U);
    }
    run(connection, {change});
    try {
      CopyReader reader(connection, part, {"id::bigint"}, snapshot);
      read_all(reader);
      ADD_FAILURE() << change;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kSnapshotGone) << error.what();
    }
  }
}

}  // namespace
}  // namespace millrace::postgres
