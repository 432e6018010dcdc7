#include "postgres/connection.hpp"

#include <charconv>

#include "postgres/libpq.hpp"

namespace millrace::postgres {
namespace {

Result::Row read_row(const PGresult* result, int row) {
  Result::Row fields;
  for (int column = 0; column < PQnfields(result); ++column) {
    if (PQgetisnull(result, row, column) != 0) {
      fields.emplace_back();
    } else {
      fields.emplace_back(
          std::string(PQgetvalue(result, row, column), static_cast<std::size_t>(PQgetlength(result, row, column))));
    }
  }
  return fields;
}

}  // namespace

const std::string& Result::text(std::size_t row, std::size_t column) const {
  if (row >= rows_.size() || column >= rows_[row].size() || !rows_[row][column]) {
    throw Error(ErrorCode::kInternal, "A catalog query of PostgreSQL gave no value where one is expected.");
  }
  return *rows_[row][column];
}

std::int64_t Result::integer(std::size_t row, std::size_t column) const {
  const auto& field = text(row, column);
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (failure != std::errc() || end != field.data() + field.size()) {
    throw Error(ErrorCode::kInternal, "A catalog query of PostgreSQL gave " + field + " where a number is expected.");
  }
  return value;
}

bool Result::boolean(std::size_t row, std::size_t column) const {
  return text(row, column) == "t";
}

struct Connection::Impl {
  Handle handle;
  std::string place;  ///< the URL without password
};

Connection::Connection(const SourceEndpoint& endpoint, std::chrono::milliseconds timeout)
    : impl_(new Impl{open_libpq(endpoint, timeout, SessionKind::kSql), display_url(endpoint)}) {
  // By SET, not at login: so that pg_settings.reset_val still tells what other sessions of this user begin with.
  execute(
      "SELECT set_config('statement_timeout', '300s', false), set_config('lock_timeout', '30s', false), "
      "set_config('idle_in_transaction_session_timeout', '0', false)");
}
Connection::~Connection() = default;
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;

Result Connection::query(const std::string& sql, const std::vector<std::optional<std::string>>& parameters) {
  std::vector<const char*> values;
  for (const auto& parameter : parameters) values.push_back(parameter ? parameter->c_str() : nullptr);
  const ResultHandle result(PQexecParams(impl_->handle.get(), sql.c_str(), static_cast<int>(values.size()), nullptr,
                                         values.data(), nullptr, nullptr, 0));
  const auto status = PQresultStatus(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
    const char* state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
    if (state == nullptr || PQstatus(impl_->handle.get()) != CONNECTION_OK) {
      throw lost(impl_->handle.get(), impl_->place);
    }
    throw query_error(result.get());
  }
  std::vector<Result::Row> rows;
  for (int row = 0; row < PQntuples(result.get()); ++row) rows.push_back(read_row(result.get(), row));
  return Result(std::move(rows));
}

void Connection::execute(const std::string& sql, const std::vector<std::optional<std::string>>& parameters) {
  query(sql, parameters);
}

int Connection::server_version() const {
  return PQserverVersion(impl_->handle.get());
}

pg_conn* Connection::native() const {
  return impl_->handle.get();
}

const std::string& Connection::place() const {
  return impl_->place;
}

bool Connection::utf8() const {
  const char* encoding = PQparameterStatus(impl_->handle.get(), "server_encoding");
  return encoding != nullptr && std::string_view(encoding) == "UTF8";
}

}  // namespace millrace::postgres
