#include "postgres/server_facts.hpp"

#include <gmock/gmock.h>

#include "postgres/lab_postgres.hpp"

namespace millrace::postgres {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

class ServerFactsTest : public LabPostgres {
 protected:
  static std::string setting(Connection& connection, const std::string& name) {
    return connection.query("SELECT setting FROM pg_settings WHERE name = $1", {name}).text(0, 0);
  }
};

TEST_F(ServerFactsTest, TellWhatTheServerSays) {
  Connection connection(superuser());
  const auto facts = read_server_facts(connection);
  EXPECT_GE(facts.version_num, 120000);
  EXPECT_TRUE(setting(connection, "server_version").starts_with(facts.version));
  EXPECT_EQ(facts.wal_level, setting(connection, "wal_level"));
  EXPECT_EQ(facts.max_replication_slots, std::stoi(setting(connection, "max_replication_slots")));
  EXPECT_EQ(facts.max_wal_senders, std::stoi(setting(connection, "max_wal_senders")));
  EXPECT_EQ(facts.wal_sender_timeout_ms, std::stoll(setting(connection, "wal_sender_timeout")));
  EXPECT_EQ(facts.logical_decoding_work_mem_bytes, std::stoll(setting(connection, "logical_decoding_work_mem")) * 1024);
  const auto keep = std::stoll(setting(connection, "max_slot_wal_keep_size"));
  EXPECT_EQ(facts.max_slot_wal_keep_bytes, keep < 0 ? -1 : keep << 20);
  EXPECT_EQ(facts.encoding, "UTF8");
  EXPECT_FALSE(facts.in_recovery);
  EXPECT_FALSE(facts.system_identifier.empty());
  EXPECT_TRUE(facts.user_superuser && facts.user_replication && facts.user_create_in_database);
}

TEST_F(ServerFactsTest, APlainUserReadsThemTooAndHasNoRights) {
  Connection connection(plain_user());
  const auto facts = read_server_facts(connection);
  EXPECT_EQ(facts.current_user, name());
  EXPECT_FALSE(facts.user_superuser || facts.user_replication || facts.user_create_in_database);
  EXPECT_GT(facts.max_wal_senders, 0);
}

TEST_F(ServerFactsTest, RightsAreSeenOnceGiven) {
  Connection owner(superuser());
  run(owner, {"ALTER ROLE " + name() + " REPLICATION", "GRANT CREATE ON DATABASE " + name() + " TO " + name()});
  Connection connection(plain_user());
  const auto facts = read_server_facts(connection);
  EXPECT_TRUE(facts.user_replication && facts.user_create_in_database);
  EXPECT_FALSE(facts.user_superuser);
}

TEST_F(ServerFactsTest, TimeoutsOfTheUserAreSeenAndMillracesOwnAreNot) {
  Connection owner(superuser());
  {
    Connection connection(plain_user());
    EXPECT_THAT(read_server_facts(connection).session_timeouts_ms, IsEmpty());
  }
  run(owner, {"ALTER ROLE " + name() + " SET statement_timeout = '30s'",
              "ALTER ROLE " + name() + " IN DATABASE " + name() + " SET idle_in_transaction_session_timeout = '5s'"});
  Connection connection(plain_user());
  EXPECT_THAT(read_server_facts(connection).session_timeouts_ms,
              ElementsAre(Pair("idle_in_transaction_session_timeout", 5000), Pair("statement_timeout", 30000)));
}

TEST_F(ServerFactsTest, SlotsAndPublicationsAreListed) {
  Connection connection(superuser());
  run(connection,
      {"CREATE PUBLICATION p", "SELECT pg_create_logical_replication_slot('" + name() + "', 'test_decoding')"});
  const auto facts = read_server_facts(connection);
  EXPECT_EQ(facts.used_replication_slots, static_cast<int>(facts.slots.size()));
  const auto slot = std::find_if(facts.slots.begin(), facts.slots.end(), [&](auto& it) { return it.name == name(); });
  ASSERT_NE(slot, facts.slots.end());
  EXPECT_EQ(slot->plugin, "test_decoding");
  ASSERT_EQ(facts.publications.size(), 1U);
  EXPECT_EQ(facts.publications[0].name, "p");
}

TEST_F(ServerFactsTest, AnOldTransactionIsSeen) {
  Connection writer(superuser());
  run(writer, {"BEGIN", "SELECT txid_current()", "SELECT pg_sleep(1.1)"});
  Connection connection(superuser());
  EXPECT_GE(read_server_facts(connection).oldest_transaction_s, 1);
}

TEST_F(ServerFactsTest, TableRights) {
  Connection owner(superuser());
  run(owner, {"CREATE SCHEMA hidden", "CREATE TABLE public.a(id int)", "CREATE TABLE public.b(id int)",
              "CREATE TABLE public.c(id int)", "CREATE TABLE hidden.d(id int)", "GRANT SELECT ON public.b TO " + name(),
              "GRANT SELECT ON hidden.d TO " + name(), "ALTER TABLE public.c OWNER TO " + name()});
  Connection connection(plain_user());
  const auto rights = read_table_rights(
      connection, {{"public", "a"}, {"public", "b"}, {"public", "c"}, {"hidden", "d"}, {"public", "gone"}});
  ASSERT_EQ(rights.size(), 5U);
  EXPECT_TRUE(!rights[0].select && !rights[0].owner);
  EXPECT_TRUE(rights[1].select && !rights[1].owner);
  EXPECT_TRUE(rights[2].select && rights[2].owner);
  EXPECT_FALSE(rights[3].select) << "SELECT without USAGE on the schema is no right";
  EXPECT_TRUE(!rights[4].select && !rights[4].owner);
  EXPECT_EQ(rights[4].table.name, "gone");
}

}  // namespace
}  // namespace millrace::postgres
