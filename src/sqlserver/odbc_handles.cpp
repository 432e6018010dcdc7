#include "sqlserver/odbc_handles.hpp"

#include <algorithm>
#include <array>

#include "support/utf16.hpp"

namespace millrace::sqlserver {

static_assert(sizeof(SQLWCHAR) == sizeof(char16_t), "unixODBC is expected to be built with 16-bit SQLWCHAR");

Environment make_environment() {
  Environment environment(SQL_NULL_HANDLE);
  // NOLINTNEXTLINE: ODBC passes integers through pointers.
  SQLSetEnvAttr(environment.get(), SQL_ATTR_ODBC_VERSION, reinterpret_cast<SQLPOINTER>(SQL_OV_ODBC3), 0);
  return environment;
}

std::vector<SQLWCHAR> to_wide(std::string_view text) {
  const std::u16string units = to_utf16(text);
  return {units.begin(), units.end()};
}

std::string from_wide(const SQLWCHAR* text, std::size_t units) {
  return to_utf8(std::u16string(text, text + units));
}

std::vector<Diagnostic> read_diagnostics(SQLSMALLINT type, SQLHANDLE handle, decltype(&SQLGetDiagRecW) read) {
  std::vector<Diagnostic> records;
  std::array<SQLWCHAR, 6> state{};
  std::vector<SQLWCHAR> text(2048);
  for (SQLSMALLINT index = 1;; ++index) {
    SQLINTEGER number = 0;
    SQLSMALLINT units = 0;
    const SQLRETURN result =
        read(type, handle, index, state.data(), &number, text.data(), static_cast<SQLSMALLINT>(text.size()), &units);
    if (!SQL_SUCCEEDED(result)) return records;
    const auto length =
        std::clamp<std::size_t>(static_cast<std::size_t>(std::max<SQLSMALLINT>(units, 0)), 0, text.size() - 1);
    records.push_back({from_wide(state.data(), 5), static_cast<int>(number), from_wide(text.data(), length)});
  }
}

}  // namespace millrace::sqlserver
