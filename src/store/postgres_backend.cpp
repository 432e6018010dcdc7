#include "store/postgres_backend.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <unordered_map>

namespace millrace::store {
namespace {

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultHandle = std::unique_ptr<PGresult, Clear>;

// Type numbers of pg_type.dat: they never change.
constexpr Oid kBool = 16;
constexpr Oid kInt8 = 20;
constexpr Oid kInt2 = 21;
constexpr Oid kInt4 = 23;
constexpr Oid kText = 25;
constexpr Oid kFloat4 = 700;
constexpr Oid kFloat8 = 701;
constexpr Oid kNumeric = 1700;

/// Any number will do, as long as every Millrace uses the same: it names the lock on the schema.
constexpr std::int64_t kSchemaLock = 0x6d696c6c72616365;  // "millrace"

std::string trimmed(const char* text) {
  std::string words(text == nullptr ? "" : text);
  while (!words.empty() && (words.back() == '\n' || words.back() == ' ')) words.pop_back();
  return words;
}

/// One parameter as libpq takes it. A number keeps its type, so that the server never has to guess.
struct Parameter {
  Oid type = 0;
  std::string text = {};
  bool null = false;
};

Parameter parameter_of(const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return {kInt8, std::to_string(*number)};
  if (const auto* real = std::get_if<double>(&value)) return {kFloat8, fmt::format("{:.17g}", *real)};
  if (const auto* text = std::get_if<std::string>(&value)) return {kText, *text};
  return {.null = true};
}

Value field(const PGresult* result, int row, int column) {
  if (PQgetisnull(result, row, column) != 0) return {};
  const char* text = PQgetvalue(result, row, column);
  switch (PQftype(result, column)) {
    case kBool:
      return std::int64_t{*text == 't'};
    case kInt2:
    case kInt4:
    case kInt8:
      return static_cast<std::int64_t>(std::strtoll(text, nullptr, 10));
    case kFloat4:
    case kFloat8:
    case kNumeric:
      return std::strtod(text, nullptr);
    default:
      return std::string(text, static_cast<std::size_t>(PQgetlength(result, row, column)));
  }
}

class PostgresBackend final : public Backend {
 public:
  PostgresBackend(const SourceEndpoint& endpoint, const std::string& schema) {
    connect(endpoint);
    if (PQstatus(connection_.get()) != CONNECTION_OK) {
      throw Error(ErrorCode::kStoreUnavailable, "The store " + display_url(endpoint) + " cannot be reached.")
          .because(trimmed(PQerrorMessage(connection_.get())));
    }
    const std::unique_ptr<char, decltype(&PQfreemem)> quoted(
        PQescapeIdentifier(connection_.get(), schema.c_str(), schema.size()), &PQfreemem);
    schema_ = quoted.get();
    script("SET search_path = " + schema_ +
           "; SET statement_timeout = '30s'; SET lock_timeout = '10s'; "
           "SET idle_in_transaction_session_timeout = '60s'");
    make_schema();
  }

  Rows query(std::string_view sql, const std::vector<Value>& parameters) override {
    const auto result = run(sql, parameters);
    Rows rows;
    const int count = PQntuples(result.get());
    const int columns = PQnfields(result.get());
    rows.reserve(static_cast<std::size_t>(count));
    for (int row = 0; row < count; ++row) {
      std::vector<Value> values;
      values.reserve(static_cast<std::size_t>(columns));
      for (int column = 0; column < columns; ++column) values.push_back(field(result.get(), row, column));
      rows.emplace_back(std::move(values));
    }
    return rows;
  }

  std::int64_t execute(std::string_view sql, const std::vector<Value>& parameters) override {
    const auto result = run(sql, parameters);
    return std::strtoll(PQcmdTuples(result.get()), nullptr, 10);
  }

  std::int64_t clock_ms() override {
    return query("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint", {}).front().integer(0);
  }
  std::string_view for_update() const override { return " FOR UPDATE"; }
  std::string lines_of(std::string_view expression) const override {
    return "string_agg(" + std::string(expression) + ", chr(10))";
  }

  void begin() override { script("BEGIN"); }
  void commit() override {
    const ResultHandle result(PQexec(connection_.get(), "COMMIT"));
    check(result.get());
    // A transaction that has failed answers COMMIT with ROLLBACK, and no error.
    if (std::string_view(PQcmdStatus(result.get())) != "COMMIT") {
      throw Error(ErrorCode::kStore, "The store undid a transaction instead of committing it.");
    }
  }
  void rollback() noexcept override {
    if (PQtransactionStatus(connection_.get()) != PQTRANS_IDLE) {
      const ResultHandle result(PQexec(connection_.get(), "ROLLBACK"));
    }
  }
  bool usable() const noexcept override { return PQstatus(connection_.get()) == CONNECTION_OK; }

  void script(const std::string& statements) override {
    const ResultHandle result(PQexec(connection_.get(), statements.c_str()));
    check(result.get());
  }
  std::string translated(std::string_view statements) const override { return postgres_words(statements); }
  bool is_sqlite() const override { return false; }
  void lock_schema() override { script(fmt::format("SELECT pg_advisory_xact_lock({})", kSchemaLock)); }
  int schema_version() override {
    return static_cast<int>(query("SELECT COALESCE(max(version), 0) FROM schema_version", {}).front().integer(0));
  }
  void set_schema_version(int version) override {
    execute("INSERT INTO schema_version (version) VALUES (?)", {std::int64_t{version}});
  }

 private:
  void connect(const SourceEndpoint& endpoint) {
    const std::string port = std::to_string(endpoint.port);
    const std::array<const char*, 14> keys = {"host",
                                              "port",
                                              "dbname",
                                              "user",
                                              "password",
                                              "sslmode",
                                              "sslrootcert",
                                              "connect_timeout",
                                              "application_name",
                                              "client_encoding",
                                              "keepalives_idle",
                                              "keepalives_interval",
                                              "tcp_user_timeout",
                                              nullptr};
    const std::array<const char*, 14> values = {endpoint.host.c_str(),
                                                port.c_str(),
                                                endpoint.database.c_str(),
                                                endpoint.user.c_str(),
                                                endpoint.password.reveal().c_str(),
                                                endpoint.sslmode.c_str(),
                                                endpoint.sslrootcert.c_str(),
                                                "10",
                                                "millrace-store",
                                                "UTF8",
                                                "30",
                                                "10",
                                                "30000",
                                                nullptr};
    // expand_dbname 0: a database name is a name, never a connection string.
    connection_.reset(PQconnectdbParams(keys.data(), values.data(), 0));
    PQsetNoticeProcessor(
        connection_.get(), [](void*, const char*) {}, nullptr);
  }

  // IF NOT EXISTS still collides when two do it at once: hence the lock.
  void make_schema() {
    const auto there = query("SELECT to_regclass(?) IS NOT NULL", {schema_ + ".schema_version"});
    if (there.front().flag(0)) return;
    begin();
    try {
      lock_schema();
      // A user without the right to make schemas may use one that was made for it.
      const auto known = query("SELECT to_regnamespace(?) IS NOT NULL", {schema_});
      if (!known.front().flag(0)) script("CREATE SCHEMA IF NOT EXISTS " + schema_);
      script(
          "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT PRIMARY KEY, "
          "taken TIMESTAMPTZ NOT NULL DEFAULT now())");
      commit();
    } catch (...) {
      rollback();
      throw;
    }
  }

  ResultHandle run(std::string_view sql, const std::vector<Value>& parameters) {
    refuse_nul(parameters);
    std::vector<Parameter> given;
    given.reserve(parameters.size());
    for (const auto& parameter : parameters) given.push_back(parameter_of(parameter));
    const auto& name = prepared(sql, given);
    std::vector<const char*> texts;
    texts.reserve(given.size());
    for (const auto& parameter : given) texts.push_back(parameter.null ? nullptr : parameter.text.c_str());
    ResultHandle result(PQexecPrepared(connection_.get(), name.c_str(), static_cast<int>(texts.size()), texts.data(),
                                       nullptr, nullptr, 0));
    check(result.get());
    return result;
  }

  // By text and parameter types: a NULL here and a number there are two statements.
  const std::string& prepared(std::string_view sql, const std::vector<Parameter>& parameters) {
    std::string key(sql);
    std::vector<Oid> types;
    types.reserve(parameters.size());
    for (const auto& parameter : parameters) {
      types.push_back(parameter.type);
      key += fmt::format("\n{}", parameter.type);
    }
    const auto found = statements_.find(key);
    if (found != statements_.end()) return found->second;
    const std::string name = fmt::format("m{}", statements_.size());
    const ResultHandle result(PQprepare(connection_.get(), name.c_str(), numbered_parameters(sql).c_str(),
                                        static_cast<int>(types.size()), types.data()));
    check(result.get());
    return statements_.emplace(std::move(key), name).first->second;
  }

  void check(const PGresult* result) const {
    const auto status = PQresultStatus(result);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) return;
    const std::string cause =
        trimmed(result == nullptr ? PQerrorMessage(connection_.get()) : PQresultErrorMessage(result));
    if (!usable()) {
      // because() gives an Error&: throwing what it gives would throw an Error, which nobody here waits for.
      ConnectionLost error(ErrorCode::kStoreUnavailable, "The connection to the store was lost.");
      error.because(cause);
      throw error;
    }
    const char* field_text = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const std::string_view state(field_text == nullptr ? "" : field_text);
    if (state == "23505") throw UniqueViolation(ErrorCode::kObjectExists, "An object with this key exists.");
    if (state == "23503") {
      throw ReferenceViolation(ErrorCode::kStore, "A stored object is named that is not there, or is still named.");
    }
    if (state == "40001" || state == "40P01") {
      throw WriteConflict(ErrorCode::kStoreUnavailable, "Two changes of the store met.");
    }
    if (state == "55P03" || state == "57014") {
      throw Error(ErrorCode::kStoreUnavailable, "The store did not answer in time.").because(cause);
    }
    throw Error(ErrorCode::kStore, "The store refused a statement.").because(cause);
  }

  std::unique_ptr<PGconn, Finish> connection_;
  std::string schema_;  // quoted
  std::unordered_map<std::string, std::string> statements_;
};

}  // namespace

std::unique_ptr<Backend> connect_postgres(const SourceEndpoint& endpoint, const std::string& schema) {
  return std::make_unique<PostgresBackend>(endpoint, schema);
}

}  // namespace millrace::store
