#include "sqlserver/diagnostics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::sqlserver {
namespace {

using testing::HasSubstr;
using testing::Not;

const Secret kPassword("Tr0ub4dor");
constexpr const char* kFrom = "[Microsoft][ODBC Driver 18 for SQL Server][SQL Server]";

Diagnostic server(const char* state, int number, const std::string& message) {
  return {state, number, kFrom + message};
}

TEST(Diagnostics, StripsTheComponentsButNotTheMessage) {
  EXPECT_EQ(plain_message(std::string(kFrom) + "Invalid object name '[a]'."), "Invalid object name '[a]'.");
  EXPECT_EQ(plain_message("[unclosed"), "[unclosed");
  EXPECT_EQ(plain_message(""), "");
}

TEST(Diagnostics, ConnectErrorsHaveTheirOwnCodes) {
  auto code = [](const std::vector<Diagnostic>& records) {
    return connect_error(records, "db:1433", kPassword).code();
  };
  EXPECT_EQ(code({server("28000", 18456, "Login failed for user 'x'.")}), ErrorCode::kTargetAuth);
  EXPECT_EQ(code({server("42000", 4060, "Cannot open database"), server("28000", 18456, "Login failed")}),
            ErrorCode::kTargetDatabaseNotFound);
  EXPECT_EQ(code({server("28000", 18456, "Login failed"), server("42000", 4060, "Cannot open database")}),
            ErrorCode::kTargetDatabaseNotFound);
  EXPECT_EQ(code({{"01000", 0, "[unixODBC][Driver Manager]Can't open lib 'x' : file not found"}}),
            ErrorCode::kDriverMissing);
  EXPECT_EQ(code({{"IM002", 0, "[unixODBC][Driver Manager]Data source name not found"}}), ErrorCode::kDriverMissing);
  EXPECT_EQ(code({{"HYT00", 0, "Login timeout expired"}}), ErrorCode::kTargetUnreachable);
  EXPECT_EQ(code({{"08001", 0, "TCP Provider: Error code 0x2749"}}), ErrorCode::kTargetUnreachable);
  EXPECT_EQ(code({}), ErrorCode::kTargetUnreachable);
}

TEST(Diagnostics, AnUntrustedCertificateSuggestsWhatHelps) {
  const QueryError error = connect_error(
      {{"08001", -1,
        "[Microsoft][ODBC Driver 18 for SQL Server]SSL Provider: [error:0A000086:SSL routines::certificate "
        "verify failed:self-signed certificate]"}},
      "db:1433", kPassword);
  EXPECT_EQ(error.code(), ErrorCode::kTargetUnreachable);
  EXPECT_THAT(error.suggestion(), HasSubstr("trustServerCertificate"));
}

TEST(Diagnostics, NoPasswordInAnyText) {
  const QueryError connect =
      connect_error({{"08001", 0, "bad PWD=Tr0ub4dor"}, {"08001", 0, "again Tr0ub4dor"}}, "db:1433", kPassword);
  EXPECT_THAT(connect.message(), Not(HasSubstr("Tr0ub4dor")));
  EXPECT_THAT(connect.cause(), Not(HasSubstr("Tr0ub4dor")));
  const QueryError statement = statement_error({server("42000", 102, "near 'Tr0ub4dor'")}, kPassword);
  EXPECT_EQ(statement.message(), "near '***' (error 102)");
}

TEST(Diagnostics, ClassifiesStatements) {
  const std::vector<std::tuple<const char*, int, ErrorCode>> cases = {
      {"40001", 1205, ErrorCode::kTargetBusy},       {"42000", 1222, ErrorCode::kTargetBusy},
      {"42000", 40501, ErrorCode::kTargetBusy},      {"23000", 2627, ErrorCode::kTargetConstraint},
      {"23000", 2601, ErrorCode::kTargetConstraint}, {"23000", 547, ErrorCode::kTargetConstraint},
      {"23000", 515, ErrorCode::kTargetConstraint},  {"42000", 229, ErrorCode::kTargetPermission},
      {"42000", 262, ErrorCode::kTargetPermission},  {"08S01", 10054, ErrorCode::kTargetUnreachable},
      {"42S02", 208, ErrorCode::kTargetQuery},       {"22003", 8115, ErrorCode::kTargetQuery}};
  for (const auto& [state, number, code] : cases) {
    EXPECT_EQ(classify_statement(server(state, number, "m")), code) << number;
    EXPECT_EQ(statement_error({server(state, number, "m")}, kPassword).number(), number);
  }
}

TEST(Diagnostics, EveryNumberHasItsRetryClass) {
  const std::vector<std::pair<ErrorCode, std::vector<int>>> classes = {
      {ErrorCode::kTargetBusy, {952,   1204,  1205,  1222,  3960,  3961,  4221,  8651,  10928, 10929, 40197,
                                40501, 40540, 40549, 40550, 40613, 42108, 42109, 49918, 49919, 49920}},
      {ErrorCode::kTargetStorage, {701, 802, 1101, 1105, 3966, 3967, 8645, 9002, 40544}},
      {ErrorCode::kTargetAuth, {18456, 18487, 18488}},
      {ErrorCode::kTargetUnreachable, {596, 924, 976, 978, 983, 3906, 6005, 9001}},
      {ErrorCode::kTargetConstraint, {515, 547, 2601, 2627, 2628, 8152}},
      {ErrorCode::kTargetPermission, {229, 230, 262}},
      {ErrorCode::kTargetQuery, {102, 207, 208, 266, 8115, 8672, 51011}}};
  for (const auto& [code, numbers] : classes) {
    for (const int number : numbers) EXPECT_EQ(classify_statement(server("42000", number, "m")), code) << number;
  }
  EXPECT_TRUE(error_info(ErrorCode::kTargetStorage).retry == RetryClass::kTimed);
}

TEST(Diagnostics, TheDriversOwnStatesAreTold) {
  const std::vector<std::pair<const char*, ErrorCode>> states = {
      {"08S01", ErrorCode::kTargetUnreachable}, {"08003", ErrorCode::kTargetUnreachable},
      {"08007", ErrorCode::kTargetUnreachable}, {"IMC06", ErrorCode::kTargetUnreachable},
      {"HYT00", ErrorCode::kTargetBusy},        {"HY008", ErrorCode::kInterrupted},
      {"22001", ErrorCode::kTargetConstraint},  {"HY000", ErrorCode::kTargetQuery}};
  for (const auto& [state, code] : states) EXPECT_EQ(classify_statement(server(state, 0, "m")), code) << state;
  // A lost connection counts, whatever number comes with it.
  EXPECT_EQ(classify_statement(server("08S01", 2627, "m")), ErrorCode::kTargetUnreachable);
}

TEST(Diagnostics, AFullLogComesBeforeTheDeadlockItMade) {
  const QueryError error =
      statement_error({server("40001", 1205, "deadlock"), server("42000", 9002, "The log is full.")}, kPassword);
  EXPECT_EQ(error.number(), 9002);
  EXPECT_EQ(error.code(), ErrorCode::kTargetStorage);
}

TEST(Diagnostics, TheCauseComesBeforeWhatFollowsIt) {
  const QueryError error = statement_error({server("01000", 3621, "The statement has been terminated."),
                                            server("23000", 2627, "Violation of PRIMARY KEY constraint 'PK_t'.")},
                                           kPassword);
  EXPECT_EQ(error.code(), ErrorCode::kTargetConstraint);
  EXPECT_EQ(error.number(), 2627);
  EXPECT_EQ(error.cause(), "");
  const QueryError two = statement_error({server("S0001", 1779, "Table already has a primary key"),
                                          server("S0001", 1750, "Could not create constraint. See previous errors.")},
                                         kPassword);
  EXPECT_EQ(two.number(), 1779);
}

TEST(Diagnostics, SilenceIsAnErrorToo) {
  EXPECT_EQ(statement_error({}, kPassword).code(), ErrorCode::kTargetQuery);
}

}  // namespace
}  // namespace millrace::sqlserver
