#include "sqlserver/diagnostics.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace millrace::sqlserver {
namespace {

// Numbers as "Database Engine events and errors" of SQL Server's documentation lists them.
constexpr std::array kAuth = {4064, 18450, 18451, 18452, 18456, 18458, 18470, 18486, 18487, 18488};
constexpr std::array kNoDatabase = {911, 916, 4060, 4063};
/// Deadlock, lock wait, snapshot conflict, Azure throttling and failover, a database that is being resumed.
constexpr std::array kBusy = {952,   1204,  1205,  1222,  3960,  3961,  4221,  8651,  10928, 10929, 40197,
                              40501, 40540, 40549, 40550, 40613, 42108, 42109, 49918, 49919, 49920};
/// A full log, filegroup, version store or database quota, or no memory.
constexpr std::array kStorage = {701, 802, 1101, 1105, 3966, 3967, 8645, 9002, 40544};
/// The connection answers, but the database behind it is not there to be written: read-only, a secondary replica,
/// going down. Another try may meet the primary.
constexpr std::array kNotWritable = {596, 924, 976, 978, 983, 3906, 6005, 9001};
constexpr std::array kConstraint = {515, 547, 2601, 2627, 2628, 8152};
constexpr std::array kPermission = {229, 230, 262, 297, 300, 378, 916, 6004, 15247};
/// "The statement has been terminated", "See previous errors": never the cause.
constexpr std::array kFollowers = {1750, 3609, 3621};

template <std::size_t N>
bool has(const std::array<int, N>& numbers, int number) {
  return std::find(numbers.begin(), numbers.end(), number) != numbers.end();
}

const Diagnostic* find_if(const std::vector<Diagnostic>& records, auto&& wanted) {
  const auto found = std::find_if(records.begin(), records.end(), wanted);
  return found == records.end() ? nullptr : &*found;
}

template <std::size_t N>
const Diagnostic* find_number(const std::vector<Diagnostic>& records, const std::array<int, N>& numbers) {
  return find_if(records, [&](const Diagnostic& record) { return has(numbers, record.number); });
}

bool driver_missing(const Diagnostic& record) {
  return record.sqlstate == "IM002" || record.sqlstate == "IM003" || record.sqlstate == "IM004" ||
         record.message.find("Can't open lib") != std::string::npos;
}

bool certificate_refused(const Diagnostic& record) {
  return record.message.find("certificate") != std::string::npos;
}

std::string others(const std::vector<Diagnostic>& records, const Diagnostic* main, const Secret& password) {
  std::string out;
  for (const Diagnostic& record : records) {
    if (&record == main || has(kFollowers, record.number)) continue;
    const std::string text = redact(plain_message(record.message), password);
    if (!out.empty()) out += "; ";
    out += text;
  }
  return out;
}

QueryError make(ErrorCode code, std::string message, const std::vector<Diagnostic>& records, const Diagnostic* main,
                const Secret& password) {
  QueryError error(code, std::move(message), main == nullptr ? 0 : main->number);
  if (std::string rest = others(records, main, password); !rest.empty()) error.because(std::move(rest));
  return error;
}

/// The record that tells the cause: a lost connection first, then one of a known class, else the first real one.
const Diagnostic* main_record(const std::vector<Diagnostic>& records) {
  auto of_class = [](ErrorCode code) {
    return [code](const Diagnostic& record) { return classify_statement(record) == code; };
  };
  for (const ErrorCode first : {ErrorCode::kTargetUnreachable, ErrorCode::kTargetStorage, ErrorCode::kTargetBusy}) {
    if (const auto* record = find_if(records, of_class(first))) return record;
  }
  if (const auto* known = find_if(
          records, [](const Diagnostic& record) { return classify_statement(record) != ErrorCode::kTargetQuery; })) {
    return known;
  }
  const auto* real = find_if(records, [](const Diagnostic& record) {
    return !record.sqlstate.starts_with("01") && !has(kFollowers, record.number);
  });
  return real != nullptr || records.empty() ? real : &records.front();
}

}  // namespace

std::string plain_message(const std::string& message) {
  std::size_t at = 0;
  while (at < message.size() && message[at] == '[') {
    const std::size_t end = message.find(']', at);
    if (end == std::string::npos) break;
    at = end + 1;
  }
  while (at < message.size() && message[at] == ' ') ++at;
  return message.substr(at);
}

ErrorCode classify_statement(const Diagnostic& record) {
  const auto& state = record.sqlstate;
  // IMC0x: connection resiliency, where the driver says that the session is gone.
  if (state.starts_with("08") || state.starts_with("IMC0")) return ErrorCode::kTargetUnreachable;
  if (state == "HY008") return ErrorCode::kInterrupted;
  if (has(kStorage, record.number)) return ErrorCode::kTargetStorage;
  if (has(kBusy, record.number) || state == "HYT00") return ErrorCode::kTargetBusy;
  if (has(kNotWritable, record.number)) return ErrorCode::kTargetUnreachable;
  if (has(kAuth, record.number)) return ErrorCode::kTargetAuth;
  if (has(kConstraint, record.number)) return ErrorCode::kTargetConstraint;
  // The driver itself found a text too long for its column.
  if (record.number == 0 && state == "22001") return ErrorCode::kTargetConstraint;
  if (has(kPermission, record.number)) return ErrorCode::kTargetPermission;
  return ErrorCode::kTargetQuery;
}

QueryError connect_error(const std::vector<Diagnostic>& records, const std::string& where, const Secret& password) {
  auto text = [&](const Diagnostic& record) {
    const std::string words = redact(plain_message(record.message), password);
    return record.number > 0 ? fmt::format("{} (error {})", words, record.number) : words;
  };
  // An unknown database also ends in 18456, so 4060 is looked for first.
  if (const auto* record = find_number(records, kNoDatabase)) {
    return make(ErrorCode::kTargetDatabaseNotFound, fmt::format("{}: {}", where, text(*record)), records, record,
                password);
  }
  if (const auto* record = find_number(records, kAuth)) {
    return make(ErrorCode::kTargetAuth, fmt::format("{}: {}", where, text(*record)), records, record, password);
  }
  if (const auto* record = find_if(records, driver_missing)) {
    return make(ErrorCode::kDriverMissing, "the ODBC driver could not be loaded: " + text(*record), records, record,
                password);
  }
  const auto* record = records.empty() ? nullptr : &records.front();
  const std::string words = record == nullptr ? std::string("the driver gave no reason") : text(*record);
  QueryError error =
      make(ErrorCode::kTargetUnreachable, fmt::format("{}: {}", where, words), records, record, password);
  if (find_if(records, certificate_refused) != nullptr) {
    error.suggest(
        "Install the server's CA certificate on this machine, or accept any certificate with "
        "trustServerCertificate=true "
        "on a network you trust.");
  }
  return error;
}

QueryError statement_error(const std::vector<Diagnostic>& records, const Secret& password) {
  const Diagnostic* record = main_record(records);
  if (record == nullptr) return QueryError(ErrorCode::kTargetQuery, "the ODBC driver failed without a reason", 0);
  std::string message = redact(plain_message(record->message), password);
  if (record->number > 0) message += fmt::format(" (error {})", record->number);
  return make(classify_statement(*record), std::move(message), records, record, password);
}

}  // namespace millrace::sqlserver
