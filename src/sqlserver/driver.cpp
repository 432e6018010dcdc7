#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "sqlserver/odbc_handles.hpp"

namespace millrace::sqlserver {
namespace {

namespace fs = std::filesystem;

constexpr const char* kVariable = "MILLRACE_ODBC_DRIVER";
/// The one that supports everything first.
constexpr std::array kRegistered = {"ODBC Driver 18 for SQL Server", "ODBC Driver 17 for SQL Server"};

std::vector<std::string> registered_drivers() {
  std::vector<std::string> names;
  const Environment environment = make_environment();
  std::array<SQLCHAR, 512> name{};
  std::array<SQLCHAR, 2048> attributes{};
  SQLSMALLINT name_length = 0;
  SQLSMALLINT attributes_length = 0;
  SQLUSMALLINT direction = SQL_FETCH_FIRST;
  while (SQL_SUCCEEDED(SQLDrivers(environment.get(), direction, name.data(), static_cast<SQLSMALLINT>(name.size()),
                                  &name_length, attributes.data(), static_cast<SQLSMALLINT>(attributes.size()),
                                  &attributes_length))) {
    names.emplace_back(reinterpret_cast<const char*>(name.data()));
    direction = SQL_FETCH_NEXT;
  }
  return names;
}

std::optional<std::string> chosen_driver() {
  const char* value = std::getenv(kVariable);  // NOLINT(concurrency-mt-unsafe): nothing here sets variables
  if (value == nullptr || *value == '\0') return std::nullopt;
  const std::string driver = value;
  if (driver.find('/') != std::string::npos && !fs::exists(driver)) {
    throw Error(ErrorCode::kDriverMissing, std::string(kVariable) + " names " + driver + ", which does not exist");
  }
  return driver;
}

std::optional<std::string> bundled_driver() {
  std::error_code failed;
  const fs::path program = fs::read_symlink("/proc/self/exe", failed);
  const fs::path folder = program.parent_path().parent_path() / "lib";
  std::vector<std::string> found;
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("libmsodbcsql") && name.find(".so") != std::string::npos) found.push_back(entry.path());
  }
  if (found.empty()) return std::nullopt;
  return *std::max_element(found.begin(), found.end());
}

}  // namespace

std::string find_driver() {
  if (auto chosen = chosen_driver()) return *chosen;
  const std::vector<std::string> registered = registered_drivers();
  for (const char* wanted : kRegistered) {
    if (std::find(registered.begin(), registered.end(), wanted) != registered.end()) return wanted;
  }
  if (auto bundled = bundled_driver()) return *bundled;
  std::string known = "none";
  for (const std::string& name : registered) known = known == "none" ? name : known + ", " + name;
  throw Error(ErrorCode::kDriverMissing,
              "Microsoft's ODBC driver for SQL Server was not found (registered drivers: " + known + ")");
}

}  // namespace millrace::sqlserver
