#include "source_ceiling.hpp"

#include <libpq-fe.h>

#include <exception>
#include <memory>
#include <thread>
#include <vector>

#include "postgres/copy_reader.hpp"
#include "postgres/replication_connection.hpp"
#include "schema/cell_encoder.hpp"
#include "schema/table_name.hpp"
#include "source_tables.hpp"
#include "support/error.hpp"

namespace millrace::bench {
namespace {

struct FreeResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultPointer = std::unique_ptr<PGresult, FreeResult>;

Measured copy_part(const SourceEndpoint& source, const postgres::TablePart& part,
                   const std::vector<std::string>& columns) {
  postgres::Connection connection(source);
  connection.execute("SET statement_timeout = 0");
  PGconn* native = connection.native();
  const ResultPointer begun(PQexec(native, postgres::copy_sql(part, columns).c_str()));
  if (PQresultStatus(begun.get()) != PGRES_COPY_OUT) {
    throw Error(ErrorCode::kSourceUnreachable, PQerrorMessage(native));
  }
  Measured sum;
  char* row = nullptr;
  for (int size = 0; (size = PQgetCopyData(native, &row, 0)) > 0; PQfreemem(row)) {
    ++sum.rows;
    sum.bytes += static_cast<std::uint64_t>(size);
  }
  --sum.rows;  // the trailer
  while (const ResultPointer rest{PQgetResult(native)}) {
    if (PQresultStatus(rest.get()) != PGRES_COMMAND_OK) {
      throw Error(ErrorCode::kSourceUnreachable, PQerrorMessage(native));
    }
  }
  sum.server_cpu_seconds = process_cpu_seconds(PQbackendPID(native)).value_or(0);
  return sum;
}

}  // namespace

Measured copy_to_nowhere(const SourceEndpoint& source, const Arguments& arguments) {
  std::vector<postgres::TablePart> parts;
  std::vector<std::string> columns;
  {
    postgres::Connection connection(source);
    const auto table = read_plan(connection, arguments.text("table"));
    for (const auto& column : table.columns) columns.push_back(schema::copy_expression(column));
    parts = postgres::split_table(connection, table.source.name, static_cast<int>(arguments.number("streams")));
  }
  std::vector<Measured> sums(parts.size());
  std::vector<std::exception_ptr> failures(parts.size());
  const Stopwatch watch;
  {
    std::vector<std::jthread> streams;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      streams.emplace_back([&, i] {
        try {
          sums[i] = copy_part(source, parts[i], columns);
        } catch (...) {
          failures[i] = std::current_exception();
        }
      });
    }
  }
  Measured sum;
  watch.stop(sum);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (failures[i]) std::rethrow_exception(failures[i]);
    sum.rows += sums[i].rows;
    sum.bytes += sums[i].bytes;
    sum.server_cpu_seconds += sums[i].server_cpu_seconds;
  }
  return sum;
}

Measured read_to_nowhere(const SourceEndpoint& source, const Arguments& arguments) {
  const Lsn until = arguments.lsn("until");
  postgres::ReplicationConnection connection(source);
  connection.prepare(schema::session_settings());
  Measured sum;
  SlotServer server(source, arguments.text("slot"));
  const Stopwatch watch;
  connection.start({.slot = arguments.text("slot"),
                    .publication = arguments.text("publication"),
                    .binary = arguments.number("binary") != 0});
  using Kind = postgres::StreamItem::Kind;
  while (const auto item = connection.next(std::chrono::seconds(60), {})) {
    if (item->kind == Kind::kKeepalive) {
      if (item->server_end >= until) break;
      continue;
    }
    if (item->start >= until) break;  // the driver's mark behind the changes
    const char type = item->payload.view.front();
    sum.rows += type == 'I' || type == 'U' || type == 'D' ? 1 : 0;
    sum.bytes += item->payload.view.size();
  }
  watch.stop(sum);
  sum.server_cpu_seconds = server.cpu_seconds();
  return sum;
}

}  // namespace millrace::bench
