#pragma once

#include "sqlserver/odbc_handles.hpp"

namespace millrace::sqlserver {

// What msodbcsql.h declares for bulk copy, as Microsoft documents it ("SQL Server driver extensions - bulk copy
// functions"). Only .cpp files of this room include this header.

constexpr int kBcpFail = 0;
constexpr int kBcpIn = 1;         ///< DB_IN: from the client to the server
constexpr int kBcpRowsFail = -1;  ///< what bcp_batch and bcp_done return on an error
constexpr int kVarlenData = -10;  ///< SQL_VARLEN_DATA: the indicator tells the length

/// bcp_control options.
constexpr int kBcpKeepNulls = 5;
constexpr int kBcpKeepIdentity = 8;
constexpr int kBcpHintsW = 11;

/// Type tokens of bcp_bind's eDataType: what the program's variable holds.
enum class BcpType : int {
  kColumns = 0,  ///< what the column itself is
  kInt1 = 0x30,
  kBit = 0x32,
  kInt2 = 0x34,
  kInt4 = 0x38,
  kInt8 = 0x7f,
  kFloat4 = 0x3b,
  kFloat8 = 0x3e,
  kUniqueId = 0x24,
  kVarBinary = 0x25,
  kDate = 0x28,
  kTime = 0x29,
  kDateTime2 = 0x2a,
  kDateTimeOffset = 0x2b,
  kDecimal = 0x6a,
  kNChar = 0xef,
};

/// The bulk copy functions of the driver library that one connection goes through. They take the driver manager's
/// handle of the connection. Keeps the library loaded.
class BcpApi {
 public:
  /// Throws kDriverMissing when the driver has no bulk copy functions.
  explicit BcpApi(SQLHDBC connection);
  ~BcpApi();
  BcpApi(const BcpApi&) = delete;
  BcpApi& operator=(const BcpApi&) = delete;

  SQLRETURN (*init)(SQLHDBC, const SQLWCHAR* table, const SQLWCHAR* file, const SQLWCHAR* errors, int direction);
  SQLRETURN(*bind)
  (SQLHDBC, const void* data, int indicator_bytes, int data_bytes, const void* terminator, int terminator_bytes,
   int type, int column);
  SQLRETURN (*column_length)(SQLHDBC, int bytes, int column);
  SQLRETURN (*column_pointer)(SQLHDBC, const void* data, int column);
  SQLRETURN (*control)(SQLHDBC, int option, const void* value);
  SQLRETURN (*send_row)(SQLHDBC);
  SQLRETURN (*more_text)(SQLHDBC, int bytes, const void* data);
  int (*batch)(SQLHDBC);
  int (*done)(SQLHDBC);

  /// What a failed bulk copy call left. The driver was called past its manager, which may not know of it.
  std::vector<Diagnostic> diagnostics() const;

 private:
  SQLHDBC connection_;
  SQLHDBC driver_connection_ = nullptr;
  void* library_ = nullptr;
  decltype(&SQLGetDiagRecW) driver_diagnostics_ = nullptr;
};

}  // namespace millrace::sqlserver
