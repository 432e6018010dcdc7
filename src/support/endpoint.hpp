#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "support/host_guard.hpp"
#include "support/secret.hpp"

namespace millrace {

/// How to reach a PostgreSQL database.
struct SourceEndpoint {
  std::string host;
  std::uint16_t port = 5432;
  std::string database;
  std::string schema = "public";  ///< where table names without a schema are looked up
  std::string user;
  Secret password;
  std::string sslmode = "prefer";  ///< disable | prefer | require | verify-ca | verify-full, as libpq has them
  std::string sslrootcert;         ///< path of the CA file for verify-ca and verify-full; empty: libpq's default
  std::string connection = {};     ///< id of the saved connection that this comes from; empty: of none
  /// Asked at every connect for the addresses that may be dialled; empty: as the system resolves the host.
  HostGuard guard = {};
};

/// How to reach a SQL Server database.
struct TargetEndpoint {
  std::string host;
  std::uint16_t port = 1433;
  std::string database;
  std::string schema = "dbo";  ///< where target tables are created
  std::string user;
  Secret password;
  std::string encrypt = "yes";            ///< yes | no | strict, as Microsoft's drivers have them
  bool trust_server_certificate = false;  ///< accept any certificate: for tests and closed networks
  std::string connection = {};            ///< as SourceEndpoint's
  HostGuard guard = {};                   ///< as SourceEndpoint's
};

/// Whether a session that was opened for one serves the other: all of them is the same, the password too, but for the
/// guard, which judged when the session was opened.
bool same_session(const SourceEndpoint& left, const SourceEndpoint& right);
bool same_session(const TargetEndpoint& left, const TargetEndpoint& right);

/// Parses postgres://user[:password]@host[:port]/database[?schema=..&sslmode=..&sslrootcert=..] (postgresql:// too).
/// Throws Error kUsage naming the part; the message never repeats the URL's password.
SourceEndpoint parse_source_url(const std::string& url);

/// Parses sqlserver://user[:password]@host[:port]/database[?schema=..&encrypt=..&trustServerCertificate=..]
/// (mssql:// too). Throws as parse_source_url does.
TargetEndpoint parse_target_url(const std::string& url);

/// The URL without password, for people: "postgres://user@host:5432/db".
std::string display_url(const SourceEndpoint& endpoint);
std::string display_url(const TargetEndpoint& endpoint);

}  // namespace millrace
