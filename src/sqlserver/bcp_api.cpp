#include "sqlserver/bcp_api.hpp"

#include <dlfcn.h>
#include <link.h>

#include <array>
#include <string>
#include <string_view>

namespace millrace::sqlserver {
namespace {

std::string driver_file(SQLHDBC connection) {
  std::array<SQLWCHAR, 1024> name{};
  SQLSMALLINT bytes = 0;
  if (!SQL_SUCCEEDED(SQLGetInfoW(connection, SQL_DRIVER_NAME, name.data(), sizeof name, &bytes))) return {};
  const std::string path = from_wide(name.data(), static_cast<std::size_t>(bytes) / sizeof(SQLWCHAR));
  return path.substr(path.rfind('/') + 1);
}

struct Search {
  std::string_view file;
  std::string path;
};

int compare_loaded(dl_phdr_info* object, std::size_t /*size*/, void* data) {
  auto* search = static_cast<Search*>(data);
  const std::string_view path = object->dlpi_name;
  if (path.substr(path.rfind('/') + 1) != search->file) return 0;
  search->path = path;
  return 1;
}

/// The library that the driver manager has loaded, by its file's name; no second copy of it.
void* open_loaded(const std::string& file) {
  Search search{file, {}};
  if (file.empty() || dl_iterate_phdr(compare_loaded, &search) == 0) return nullptr;
  return dlopen(search.path.c_str(), RTLD_NOW | RTLD_NOLOAD);
}

template <typename Function>
void load(void* library, const char* name, Function& function) {
  void* symbol = library == nullptr ? nullptr : dlsym(library, name);
  if (symbol == nullptr) {
    throw Error(ErrorCode::kDriverMissing, std::string("the ODBC driver has no bulk copy (") + name +
                                               "): \"ODBC Driver 18 for SQL Server\" or 17 by Microsoft is needed");
  }
  function = reinterpret_cast<Function>(symbol);
}

}  // namespace

BcpApi::BcpApi(SQLHDBC connection) : connection_(connection), library_(open_loaded(driver_file(connection))) {
  try {
    load(library_, "bcp_initW", init);
    load(library_, "bcp_bind", bind);
    load(library_, "bcp_collen", column_length);
    load(library_, "bcp_colptr", column_pointer);
    load(library_, "bcp_control", control);
    load(library_, "bcp_sendrow", send_row);
    load(library_, "bcp_moretext", more_text);
    load(library_, "bcp_batch", batch);
    load(library_, "bcp_done", done);
    load(library_, "SQLGetDiagRecW", driver_diagnostics_);
  } catch (const Error&) {
    if (library_ != nullptr) dlclose(library_);
    throw;
  }
  SQLGetInfoW(connection, SQL_DRIVER_HDBC, static_cast<SQLPOINTER>(&driver_connection_), sizeof driver_connection_,
              nullptr);
}

BcpApi::~BcpApi() {
  dlclose(library_);
}

std::vector<Diagnostic> BcpApi::diagnostics() const {
  std::vector<Diagnostic> records = read_diagnostics(SQL_HANDLE_DBC, connection_);
  if (records.empty() && driver_connection_ != nullptr) {
    records = read_diagnostics(SQL_HANDLE_DBC, driver_connection_, driver_diagnostics_);
  }
  return records;
}

}  // namespace millrace::sqlserver
