#pragma once

#include <string>
#include <vector>

#include "sqlserver/session.hpp"
#include "support/secret.hpp"

namespace millrace::sqlserver {

/// One ODBC diagnostic record.
struct Diagnostic {
  std::string sqlstate;  ///< "28000", "08001", ...
  int number = 0;        ///< SQL Server's error number; 0 when the driver or its manager speaks
  std::string message;   ///< UTF-8, with the components' names in brackets before it
};

/// What went wrong while signing in: kTargetAuth, kTargetDatabaseNotFound, kDriverMissing or kTargetUnreachable.
/// `where` names the server for people; every text is freed of `password`.
QueryError connect_error(const std::vector<Diagnostic>& records, const std::string& where, const Secret& password);

/// What went wrong in a statement, with SQL Server's own words and number.
QueryError statement_error(const std::vector<Diagnostic>& records, const Secret& password);

/// The class of one record of a failed statement.
ErrorCode classify_statement(const Diagnostic& record);

/// The message without "[Microsoft][ODBC Driver 18 for SQL Server][SQL Server]" before it.
std::string plain_message(const std::string& message);

}  // namespace millrace::sqlserver
