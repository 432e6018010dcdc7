#include <gmock/gmock.h>

#include <thread>

#include "postgres/copy_channel.hpp"
#include "postgres/stream_reader.hpp"

namespace millrace::postgres {
namespace {

using ::testing::HasSubstr;

TEST_F(StreamTest, TheServerIsIdentified) {
  Connection sql(superuser());
  ReplicationConnection connection(superuser());
  const auto identity = connection.identify();
  EXPECT_EQ(identity.system_identifier, sql.query("SELECT system_identifier FROM pg_control_system()").text(0, 0));
  EXPECT_EQ(identity.timeline, 1);
  EXPECT_GT(identity.flush_lsn, Lsn(0));
  EXPECT_EQ(connection.server_version(), sql.server_version());
}

TEST_F(StreamTest, AUserWithoutReplicationIsRefused) {
  EXPECT_EQ(code_of([&] { ReplicationConnection refused(plain_user()); }), ErrorCode::kSourcePermission);
}

/// Each protocol, text and binary: one small transaction arrives in order.
TEST_F(StreamTest, EveryProtocolCarriesATransaction) {
  Connection sql(superuser());
  for (int protocol = 1; protocol <= newest_protocol(version()); ++protocol) {
    for (const bool binary : {false, true}) {
      SCOPED_TRACE("protocol " + std::to_string(protocol) + (binary ? " binary" : " text"));
      create_slot(sql, slot());
      run(sql, {"INSERT INTO public.t VALUES (258, 'näch')", "DELETE FROM public.t"});
      {
        StreamReader reader(superuser());
        auto asked = options();
        asked.protocol = protocol;
        asked.binary = binary;
        reader.connection().start(asked);
        ASSERT_TRUE(reader.read_until('C', 2));
        EXPECT_EQ(reader.kinds(), "BRICBDC");
        const auto& insert = reader.payloads()[2];
        // Insert: 'I', relation, 'N', columns, then kind, length and value of each.
        EXPECT_EQ(insert.substr(8), binary ? std::string("b\0\0\0\x08\0\0\0\0\0\0\x01\x02"
                                                         "b\0\0\0\x05n\xC3\xA4"
                                                         "ch",
                                                         23)
                                           : std::string("t\0\0\0\x03"
                                                         "258t\0\0\0\x05n\xC3\xA4"
                                                         "ch",
                                                         18));
      }
      EXPECT_TRUE(drop_slot(sql, slot()));
    }
  }
}

TEST_F(StreamTest, AConfirmedPositionMovesTheSlot) {
  Connection sql(superuser());
  create_slot(sql, slot());
  run(sql, {"INSERT INTO public.t VALUES (1, 'a')"});
  StreamReader reader(superuser());
  reader.connection().start(options());
  ASSERT_TRUE(reader.read_until('C'));
  const auto before = find_slot(sql, slot()).value();
  EXPECT_TRUE(before.active);
  const Lsn now = *Lsn::parse(sql.query("SELECT pg_current_wal_lsn()").text(0, 0));
  reader.connection().confirm(now);
  ASSERT_TRUE(reader.read_until([&] { return find_slot(sql, slot())->confirmed_flush == now; }));
  EXPECT_GT(now, before.confirmed_flush);
  // A position behind it changes nothing.
  reader.connection().confirm(Lsn(1));
  reader.connection().send_status();
  reader.read_one();
  EXPECT_EQ(find_slot(sql, slot())->confirmed_flush, now);
}

/// With TLS and without: what lies between is not libpq's.
TEST_F(StreamTest, LongMessagesLieInAFileAmongShortOnes) {
  Connection sql(superuser());
  create_slot(sql, slot());
  const auto most = std::to_string(CopyChannel::kLongest);
  // One by one, as a transaction of them would be streamed.
  int id = 0;
  for (const auto& length : std::vector<std::string>{"10", "3 * " + most, "20", "1 * " + most, "30"}) {
    run(sql, {"INSERT INTO public.t SELECT " + std::to_string(++id) + ", repeat('x', (" + length + ")::int)"});
  }
  std::vector<std::string> modes = {"disable"};
  if (sql.query("SHOW ssl").text(0, 0) == "on") modes.emplace_back("require");
  for (const auto& mode : modes) {
    auto endpoint = superuser();
    endpoint.sslmode = mode;
    ReplicationConnection connection(endpoint);
    connection.start(options());
    std::vector<std::size_t> sizes;
    std::vector<bool> in_files;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (sizes.size() < 5 && std::chrono::steady_clock::now() < deadline) {
      const auto item = connection.next(std::chrono::milliseconds(200), {});
      if (!item || item->kind != StreamItem::Kind::kData) continue;
      const auto bytes = item->payload.view;
      if (bytes[0] != 'I') continue;
      // Kind, relation, 'N', count of columns, id, then the text behind its kind and length.
      const auto text = bytes.substr(bytes.find_first_of('x'));
      EXPECT_EQ(text, std::string(text.size(), 'x')) << mode;
      sizes.push_back(text.size());
      in_files.push_back(item->payload.mapped != nullptr);
    }
    EXPECT_EQ(sizes, (std::vector<std::size_t>{10, 3 * CopyChannel::kLongest, 20, CopyChannel::kLongest, 30})) << mode;
    EXPECT_EQ(in_files, (std::vector<bool>{false, true, false, true, false})) << mode;
  }
}

TEST_F(StreamTest, TheStreamGoesOnAtThePositionAsked) {
  Connection sql(superuser());
  create_slot(sql, slot());
  run(sql, {"INSERT INTO public.t VALUES (1, 'first')"});
  const Lsn middle = *Lsn::parse(sql.query("SELECT pg_current_wal_insert_lsn()").text(0, 0));
  run(sql, {"INSERT INTO public.t VALUES (2, 'second')"});
  StreamReader reader(superuser());
  auto asked = options();
  asked.start = middle;
  reader.connection().start(asked);
  ASSERT_TRUE(reader.read_until('C'));
  EXPECT_EQ(reader.count('I'), 1U);
  EXPECT_LT(reader.find("second"), reader.payloads().size());
}

TEST_F(StreamTest, KeepalivesAreAnsweredAndKeepTheConnection) {
  Connection sql(superuser());
  create_slot(sql, slot());
  run(sql, {"ALTER ROLE CURRENT_USER IN DATABASE " + name() + " SET wal_sender_timeout = '1s'"});
  StreamReader reader(superuser());
  reader.connection().start(options());
  int keepalives = 0;
  // The server asks for an answer after half of its timeout, so four of them outlive it.
  ASSERT_TRUE(reader.read_until([&] {
    const auto item = reader.connection().next(std::chrono::milliseconds(200), {});
    if (item && item->kind == StreamItem::Kind::kKeepalive) ++keepalives;
    return keepalives >= 5;
  }));
  run(sql, {"INSERT INTO public.t VALUES (1, 'still here')"});
  ASSERT_TRUE(reader.read_until('C'));
  EXPECT_LT(reader.find("still here"), reader.payloads().size());
}

TEST_F(StreamTest, MessagesArriveOnlyWhenAsked) {
  if (version() < 140000) GTEST_SKIP() << "pgoutput carries messages from PostgreSQL 14 on";
  Connection sql(superuser());
  for (const bool messages : {true, false}) {
    create_slot(sql, slot());
    run(sql, {"SELECT pg_logical_emit_message(true, 'millrace', 'hello')", "INSERT INTO public.t VALUES (1, 'a')",
              "DELETE FROM public.t"});
    {
      StreamReader reader(superuser());
      auto asked = options();
      asked.messages = messages;
      reader.connection().start(asked);
      ASSERT_TRUE(reader.read_until('D'));
      EXPECT_EQ(reader.count('M'), messages ? 1U : 0U);
    }
    EXPECT_TRUE(drop_slot(sql, slot()));
  }
}

TEST_F(StreamTest, AStopEndsTheWait) {
  Connection sql(superuser());
  create_slot(sql, slot());
  ReplicationConnection connection(superuser());
  connection.start(options());
  std::stop_source stop;
  ErrorCode code = ErrorCode::kInternal;
  std::thread waiting([&] {
    code = code_of([&] {
      while (true) connection.next(std::chrono::hours(1), stop.get_token());
    });
  });
  stop.request_stop();
  waiting.join();
  EXPECT_EQ(code, ErrorCode::kInterrupted);
}

TEST_F(StreamTest, AWakeEndsTheWaitOnceAndIsNotLost) {
  Connection sql(superuser());
  create_slot(sql, slot());
  ReplicationConnection connection(superuser());
  connection.start(options());
  connection.wake();
  // Would wait for an hour; keepalives may come before.
  while (connection.next(std::chrono::hours(1), {})) {
  }
  std::thread other([&] { connection.wake(); });
  while (connection.next(std::chrono::hours(1), {})) {
  }
  other.join();
}

TEST_F(StreamTest, AnIdentifierWithQuotesIsAPublication) {
  Connection sql(superuser());
  run(sql, {"CREATE PUBLICATION \"it's \"\"a, \\b\" FOR TABLE public.t"});
  create_slot(sql, slot());
  run(sql, {"INSERT INTO public.t VALUES (1, 'a')"});
  StreamReader reader(superuser());
  auto asked = options();
  asked.publication = "it's \"a, \\b";
  reader.connection().start(asked);
  EXPECT_TRUE(reader.read_until('I'));
}

}  // namespace
}  // namespace millrace::postgres
