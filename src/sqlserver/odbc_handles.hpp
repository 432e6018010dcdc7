#pragma once

#include <sql.h>
#include <sqlext.h>
#include <sqlucode.h>

#include <utility>
#include <vector>

#include "sqlserver/diagnostics.hpp"

namespace millrace::sqlserver {

/// Owns one ODBC handle. Only .cpp files of this room include this header.
template <SQLSMALLINT Type>
class Handle {
 public:
  Handle() = default;
  explicit Handle(SQLHANDLE parent) {
    if (!SQL_SUCCEEDED(SQLAllocHandle(Type, parent, &handle_))) {
      throw QueryError(ErrorCode::kInternal, "the ODBC driver manager gave no handle", 0);
    }
  }
  ~Handle() { reset(); }
  Handle(Handle&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Handle& operator=(Handle&& other) noexcept {
    if (this != &other) {
      reset();
      handle_ = std::exchange(other.handle_, nullptr);
    }
    return *this;
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  SQLHANDLE get() const { return handle_; }

 private:
  void reset() noexcept {
    if (handle_ == nullptr) return;
    if constexpr (Type == SQL_HANDLE_DBC) SQLDisconnect(handle_);
    SQLFreeHandle(Type, handle_);
    handle_ = nullptr;
  }
  SQLHANDLE handle_ = nullptr;
};

using Environment = Handle<SQL_HANDLE_ENV>;
using Connection = Handle<SQL_HANDLE_DBC>;
using Statement = Handle<SQL_HANDLE_STMT>;

/// An ODBC 3 environment.
Environment make_environment();

/// All records that the last call left on the handle.
std::vector<Diagnostic> read_diagnostics(SQLSMALLINT type, SQLHANDLE handle,
                                         decltype(&SQLGetDiagRecW) read = &SQLGetDiagRecW);

/// The driver's UTF-16 without a terminating zero.
std::vector<SQLWCHAR> to_wide(std::string_view text);
std::string from_wide(const SQLWCHAR* text, std::size_t units);

}  // namespace millrace::sqlserver
