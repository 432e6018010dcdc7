#pragma once

#include <chrono>
#include <string>

#include "sqlserver/odbc_handles.hpp"
#include "support/endpoint.hpp"
#include "support/secret.hpp"

namespace millrace::sqlserver {

/// A signed-in connection. Only .cpp files of this room include this header.
struct OpenConnection {
  Environment environment;
  Connection connection;  ///< destroyed, and with it disconnected, before its environment
  Secret password;        ///< kept to free messages of it
};

/// Every wait has a bound: a lock held by somebody else ends the statement with 1222, which is tried again.
inline constexpr std::chrono::milliseconds kLockTimeout{30'000};

enum class ConnectionUse {
  kStatements,
  kBulkCopy  ///< with SQL_COPT_SS_BCP on, and the largest packets that the protocol has
};

/// Signs in within `timeout` and makes the settings that Session tells of. Throws as Session does.
OpenConnection open_connection(const TargetEndpoint& endpoint, std::chrono::milliseconds timeout, ConnectionUse use);

/// What the last call left on the statement, as an exception.
[[noreturn]] void throw_statement_error(SQLHANDLE statement, const Secret& password);

}  // namespace millrace::sqlserver
