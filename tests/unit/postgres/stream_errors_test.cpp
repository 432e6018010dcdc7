#include "postgres/stream_errors.hpp"

#include <gmock/gmock.h>

#include <vector>

namespace millrace::postgres {
namespace {

using ::testing::HasSubstr;

ErrorCode code_of(const ServerMessage& message) {
  return replication_error(message, "s", "p").code();
}

TEST(ReplicationErrors, EachVersionsWordsHaveTheirMeaning) {
  struct Case {
    ServerMessage message;
    ErrorCode code;
  };
  const std::vector<Case> cases{
      {{"55006", "replication slot \"s\" is active for PID 7"}, ErrorCode::kSlotInUse},
      {{"42704", "replication slot \"s\" does not exist"}, ErrorCode::kSlotMissing},
      {{"42704", "publication \"p\" does not exist"}, ErrorCode::kPublicationMissing},
      {{"42704", "la publication « p » n'existe pas", "", "get_publication_oid"}, ErrorCode::kPublicationMissing},
      {{"42710", "replication slot \"s\" already exists"}, ErrorCode::kSlotUnfit},
      // 13 to 15
      {{"55000", "cannot read from logical replication slot \"s\"",
        "This slot has been invalidated because it exceeded the maximum reserved size."},
       ErrorCode::kSlotLost},
      // 16, 17
      {{"55000", "can no longer get changes from replication slot \"s\"",
        "This slot has been invalidated because it exceeded the maximum reserved size."},
       ErrorCode::kSlotLost},
      // 18
      {{"55000", "can no longer access replication slot \"s\"",
        "This replication slot has been invalidated due to "
        "\"idle_timeout\"."},
       ErrorCode::kSlotLost},
      {{"55000", "der Slot ist ungültig", "Dieser Slot wurde ungültig gemacht.", "CreateDecodingContext"},
       ErrorCode::kSlotLost},
      {{"58P01", "requested WAL segment 0000000100 has already been removed"}, ErrorCode::kSlotLost},
      {{"55000", "replication slot \"s\" was not created in this database"}, ErrorCode::kSlotUnfit},
      {{"55000", "der Slot gehört woanders hin", "", "CreateDecodingContext"}, ErrorCode::kSlotUnfit},
      {{"55000", "logical decoding requires wal_level >= logical"}, ErrorCode::kPreflightFailed},
      {{"55000", "etwas anderes"}, ErrorCode::kSourceQuery},
      {{"53400", "all replication slots are in use"}, ErrorCode::kPreflightFailed},
      {{"57P01", "terminating connection due to administrator command"}, ErrorCode::kSourceUnreachable},
      {{"57P03", "the database system is starting up"}, ErrorCode::kSourceUnreachable},
      {{"08006", "connection failure"}, ErrorCode::kSourceUnreachable},
      {{"53300", "too many connections"}, ErrorCode::kSourceUnreachable},
      {{"42501", "must be superuser or replication role to use replication slots"}, ErrorCode::kSourcePermission},
      {{"XX000", "incorrect prev-link"}, ErrorCode::kSourceQuery}};
  for (const auto& each : cases) EXPECT_EQ(code_of(each.message), each.code) << each.message.primary;
}

TEST(ReplicationErrors, TheServersWordsAreTheCause) {
  const auto error = replication_error({"55006", "replication slot \"s\" is active for PID 7", "Detail."}, "s", "p");
  EXPECT_THAT(error.message(), HasSubstr("The slot s"));
  EXPECT_THAT(error.cause(), HasSubstr("active for PID 7 (SQLSTATE 55006) Detail."));
}

TEST(ReplicationErrors, AWarningOfAMissingPublicationIsKnown) {
  EXPECT_TRUE(warns_of_missing_publication({"55000", "skipped loading publication \"p\""}));
  EXPECT_TRUE(warns_of_missing_publication({"55000", "übersprungen", "", "LoadPublications"}));
  EXPECT_FALSE(warns_of_missing_publication({"01000", "something else"}));
}

}  // namespace
}  // namespace millrace::postgres
