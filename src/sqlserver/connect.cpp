#include "sqlserver/connect.hpp"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>

#include "sqlserver/connection_string.hpp"

namespace millrace::sqlserver {
namespace {

const std::string& settings() {
  static const std::string kSettings =
      "SET XACT_ABORT ON; SET ARITHABORT ON; SET NOCOUNT OFF; SET LOCK_TIMEOUT " + std::to_string(kLockTimeout.count());
  return kSettings;
}

// msodbcsql.h ("Bulk copy functions", SQL_COPT_SS_BCP).
constexpr SQLINTEGER kCoptBcp = 1219;
constexpr std::intptr_t kBcpOn = 1;

/// The largest TDS packet ("Configure the network packet size"). One TLS record of 16 KiB must hold a packet and the
/// cipher's own bytes: with 16383 the driver fails ("Packet size too large for SSL Encrypt/Decrypt operations").
constexpr std::intptr_t kLargestPacket = 32767;
constexpr std::intptr_t kLargestTlsPacket = 16000;

void set_attribute(SQLHANDLE connection, SQLINTEGER attribute, std::intptr_t value) {
  // NOLINTNEXTLINE: ODBC passes integers through pointers.
  SQLSetConnectAttrW(connection, attribute, reinterpret_cast<SQLPOINTER>(value), SQL_IS_INTEGER);
}

std::string display(const TargetEndpoint& endpoint) {
  return "SQL Server " + endpoint.host + ":" + std::to_string(endpoint.port) + ", database " + endpoint.database;
}

/// More than one IPv4 or more than one IPv6 address; one of each is a plain host.
bool has_several_addresses(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return false;
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> list(found, &freeaddrinfo);
  int v4 = 0;
  int v6 = 0;
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    v4 += address->ai_family == AF_INET ? 1 : 0;
    v6 += address->ai_family == AF_INET6 ? 1 : 0;
  }
  return v4 > 1 || v6 > 1;
}

void run_settings(const OpenConnection& open) {
  const Statement statement(open.connection.get());
  std::vector<SQLWCHAR> text = to_wide(settings());
  const SQLRETURN result = SQLExecDirectW(statement.get(), text.data(), static_cast<SQLINTEGER>(text.size()));
  if (!SQL_SUCCEEDED(result) && result != SQL_NO_DATA) throw_statement_error(statement.get(), open.password);
}

}  // namespace

void throw_statement_error(SQLHANDLE statement, const Secret& password) {
  throw statement_error(read_diagnostics(SQL_HANDLE_STMT, statement), password);
}

namespace {

/// Azure's gateways send a connection on by the server's name in the sign-in, which the driver takes from what it
/// dials. Nobody but Azure can let such a name stand for another address.
bool routed_by_name(const std::string& host) {
  constexpr std::array kZones = {".database.windows.net", ".database.azure.com", ".database.usgovcloudapi.net",
                                 ".database.chinacloudapi.cn", ".database.fabric.microsoft.com"};
  return std::any_of(kZones.begin(), kZones.end(), [&](const char* zone) { return host.ends_with(zone); });
}

OpenConnection open_one(const TargetEndpoint& endpoint, std::chrono::milliseconds timeout, ConnectionUse use,
                        const Secret& how) {
  OpenConnection open;
  open.environment = make_environment();
  open.connection = Connection(open.environment.get());
  open.password = endpoint.password;
  SQLHANDLE handle = open.connection.get();

  const auto seconds = std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::seconds>(timeout).count());
  set_attribute(handle, SQL_ATTR_LOGIN_TIMEOUT, seconds);
  if (use == ConnectionUse::kBulkCopy) {
    set_attribute(handle, kCoptBcp, kBcpOn);
    set_attribute(handle, SQL_ATTR_PACKET_SIZE, endpoint.encrypt == "no" ? kLargestPacket : kLargestTlsPacket);
  }

  std::vector<SQLWCHAR> text = to_wide(how.reveal());
  const SQLRETURN result = SQLDriverConnectW(handle, nullptr, text.data(), static_cast<SQLSMALLINT>(text.size()),
                                             nullptr, 0, nullptr, SQL_DRIVER_NOPROMPT);
  explicit_bzero(text.data(), text.size() * sizeof(SQLWCHAR));
  if (!SQL_SUCCEEDED(result)) {
    throw connect_error(read_diagnostics(SQL_HANDLE_DBC, handle), display(endpoint), endpoint.password);
  }
  run_settings(open);
  return open;
}

}  // namespace

OpenConnection open_connection(const TargetEndpoint& endpoint, std::chrono::milliseconds timeout, ConnectionUse use) {
  const std::string driver = find_driver();
  const auto addresses = addresses_to_dial(endpoint, "target");
  if (addresses.empty() || routed_by_name(endpoint.host)) {
    return open_one(endpoint, timeout, use, connection_string(driver, endpoint, has_several_addresses(endpoint.host)));
  }
  // The driver would try the addresses of a name; of numbers it takes one.
  const auto share = timeout / static_cast<std::int64_t>(addresses.size());
  for (std::size_t i = 0;; ++i) {
    try {
      return open_one(endpoint, share, use, connection_string(driver, endpoint, false, addresses[i]));
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kTargetUnreachable || i + 1 == addresses.size()) throw;
    }
  }
}

}  // namespace millrace::sqlserver
