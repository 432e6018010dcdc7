#include "sqlserver/state_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "support/error.hpp"

namespace millrace::sqlserver {
namespace {

constexpr const char* kTables[][2] = {
    {"state_version", "version int NOT NULL CONSTRAINT pk_state_version PRIMARY KEY"},
    {"checkpoint",
     "pipeline nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL CONSTRAINT pk_checkpoint PRIMARY KEY, "
     "fence bigint NOT NULL, system_identifier nvarchar(32) NOT NULL, slot nvarchar(63) NOT NULL, "
     "lsn bigint NOT NULL, commit_time datetime2(6) NULL, batches bigint NOT NULL, changes bigint NOT NULL, "
     "updated_at datetime2(3) NOT NULL"},
    {"table_state",
     "pipeline nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL, "
     "source_schema nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL, "
     "source_table nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL, target_schema nvarchar(128) NOT NULL, "
     "target_table nvarchar(128) NOT NULL, state nvarchar(16) NOT NULL, snapshot_lsn bigint NULL, "
     "loaded_rows bigint NOT NULL, shape nvarchar(max) NULL, detail nvarchar(max) NULL, "
     "updated_at datetime2(3) NOT NULL, "
     "CONSTRAINT pk_table_state PRIMARY KEY (pipeline, source_schema, source_table)"},
    {"quarantine",
     "id bigint IDENTITY(1,1) NOT NULL CONSTRAINT pk_quarantine PRIMARY KEY, pipeline nvarchar(128) NOT NULL, "
     "source_table nvarchar(300) NOT NULL, target_table nvarchar(300) NOT NULL, op nvarchar(10) NOT NULL, "
     "lsn bigint NOT NULL, commit_time datetime2(6) NULL, key_text nvarchar(max) NULL, row_json nvarchar(max) NULL, "
     "reason nvarchar(max) NOT NULL, created_at datetime2(3) NOT NULL, discarded_at datetime2(3) NULL"},
    {"events",
     "id bigint IDENTITY(1,1) NOT NULL CONSTRAINT pk_events PRIMARY KEY, pipeline nvarchar(128) NOT NULL, "
     "at datetime2(3) NOT NULL, kind nvarchar(64) NOT NULL, severity nvarchar(16) NOT NULL, "
     "table_name nvarchar(300) NULL, message nvarchar(max) NOT NULL, lsn bigint NULL"}};
constexpr int kVersion = 1;

std::string signed_text(Lsn lsn) {
  return std::to_string(static_cast<std::int64_t>(lsn.value()));
}

Lsn parse_signed(const std::string& text) {
  return Lsn(static_cast<std::uint64_t>(std::stoll(text)));
}

std::optional<std::string> null_if_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

std::optional<std::int64_t> milliseconds(const std::optional<std::string>& text) {
  return text ? std::optional<std::int64_t>(std::stoll(*text)) : std::nullopt;
}

constexpr const char* kReadCheckpoint =
    "SELECT fence, system_identifier, slot, lsn, "
    "DATEDIFF_BIG(millisecond, '1970-01-01', commit_time), DATEDIFF_BIG(millisecond, '1970-01-01', updated_at) "
    "FROM [millrace].[checkpoint] WHERE pipeline = ?";

bool has_state_schema(Session& session) {
  return !session.query("SELECT 1 WHERE OBJECT_ID(N'millrace.checkpoint', N'U') IS NOT NULL").empty();
}

Checkpoint decode(const std::string& pipeline, const Row& row) {
  return {.pipeline = pipeline,
          .fence = std::stoll(row.at(0).value()),
          .system_identifier = row.at(1).value(),
          .slot = row.at(2).value(),
          .lsn = parse_signed(row.at(3).value()),
          .commit_ms = milliseconds(row.at(4)),
          .updated_ms = milliseconds(row.at(5))};
}

}  // namespace

namespace {

/// "There is already an object named", CREATE SCHEMA failing over it, and a row that is there: another process made
/// them between the question and the answer.
constexpr int kDuplicateKey = 2627;
constexpr std::array kMadeMeanwhile = {2714, 2759, kDuplicateKey};

void make_state_schema(Session& session) {
  session.execute("IF SCHEMA_ID(N'millrace') IS NULL EXEC (N'CREATE SCHEMA [millrace]')");
  for (const auto& [name, columns] : kTables) {
    session.execute(
        fmt::format("IF OBJECT_ID(N'millrace.{0}', N'U') IS NULL CREATE TABLE [millrace].[{0}] ({1})", name, columns));
  }
  // Newer than the first tables of this version; older programs take no notice of it.
  session.execute(
      "IF COL_LENGTH(N'millrace.quarantine', N'discarded_at') IS NULL "
      "ALTER TABLE [millrace].[quarantine] ADD discarded_at datetime2(3) NULL");
  session.execute(
      fmt::format("IF NOT EXISTS (SELECT 1 FROM [millrace].[state_version]) "
                  "INSERT INTO [millrace].[state_version] (version) VALUES ({})",
                  kVersion));
}

}  // namespace

void ensure_state_schema(Session& session) {
  for (std::size_t objects = 0;; ++objects) {
    try {
      make_state_schema(session);
      break;
    } catch (const QueryError& error) {
      const bool made = std::find(kMadeMeanwhile.begin(), kMadeMeanwhile.end(), error.number()) != kMadeMeanwhile.end();
      if (!made || objects > std::size(kTables)) throw;
    }
  }
  const auto version = session.query("SELECT MAX(version) FROM [millrace].[state_version]");
  if (std::stoi(version.at(0).at(0).value()) <= kVersion) return;
  throw Error(ErrorCode::kStoreVersion, "Schema millrace on the target was written by a newer Millrace.");
}

void create_checkpoint(Session& session, const Checkpoint& checkpoint) {
  // Asked of the key itself: another installation may make the same name between a question and this answer.
  try {
    session.execute(
        "INSERT INTO [millrace].[checkpoint] (pipeline, fence, system_identifier, slot, lsn, batches, changes, "
        "updated_at) "
        "VALUES (?, 0, ?, ?, CONVERT(bigint, ?), 0, 0, SYSUTCDATETIME())",
        {checkpoint.pipeline, checkpoint.system_identifier, checkpoint.slot, signed_text(checkpoint.lsn)});
  } catch (const QueryError& error) {
    if (error.number() != kDuplicateKey) throw;
    throw Error(ErrorCode::kPipelineExists, "The target database holds a pipeline of this name already.",
                {.pipeline = checkpoint.pipeline})
        .suggest("Choose another with --name, or delete the old one.");
  }
}

std::optional<Checkpoint> read_checkpoint(Session& session, const std::string& pipeline) {
  if (!has_state_schema(session)) return std::nullopt;
  const auto rows = session.query(kReadCheckpoint, {pipeline});
  if (rows.empty()) return std::nullopt;
  return decode(pipeline, rows.front());
}

Checkpoint take_over(Session& session, const std::string& pipeline, std::int64_t newest) {
  // One transaction: the number that is read is the one that this process wrote.
  const auto rows =
      session.query(std::string("BEGIN TRANSACTION; UPDATE [millrace].[checkpoint] SET fence = fence + 1, updated_at = "
                                "SYSUTCDATETIME() WHERE pipeline = ? AND fence <= CONVERT(bigint, ?); ") +
                        kReadCheckpoint + " AND @@ROWCOUNT = 1; COMMIT TRANSACTION;",
                    {pipeline, std::to_string(newest), pipeline});
  if (!rows.empty()) return decode(pipeline, rows.front());
  if (read_checkpoint(session, pipeline)) {
    throw Error(ErrorCode::kFenced, "Another process has taken this pipeline over.", {.pipeline = pipeline});
  }
  throw Error(ErrorCode::kPipelineState, "The target does not know this pipeline.", {.pipeline = pipeline});
}

StateStatement advance_checkpoint(const std::string& pipeline, std::int64_t fence, Lsn lsn, std::int64_t commit_time,
                                  std::uint64_t changes) {
  constexpr std::int64_t kMicro = 1'000'000;
  // Whole seconds and the rest: DATEADD takes an int, and microseconds since 2000 do not fit one.
  const std::string when = commit_time == 0
                               ? ""
                               : "commit_time = DATEADD(microsecond, CONVERT(int, ?), DATEADD(second, CONVERT(int, ?), "
                                 "CONVERT(datetime2(6), '2000-01-01'))), ";
  StateStatement statement{"UPDATE [millrace].[checkpoint] SET lsn = CONVERT(bigint, ?), " + when +
                               "batches = batches + 1, changes = changes + CONVERT(bigint, ?), "
                               "updated_at = SYSUTCDATETIME() WHERE pipeline = ? AND fence = CONVERT(bigint, ?);",
                           {signed_text(lsn)}};
  if (commit_time != 0) {
    statement.parameters.emplace_back(std::to_string(commit_time % kMicro));
    statement.parameters.emplace_back(std::to_string(commit_time / kMicro));
  }
  statement.parameters.emplace_back(std::to_string(changes));
  statement.parameters.emplace_back(pipeline);
  statement.parameters.emplace_back(std::to_string(fence));
  return statement;
}

std::vector<TableState> read_table_states(Session& session, const std::string& pipeline) {
  std::vector<TableState> states;
  const auto rows = session.query(
      "SELECT source_schema, source_table, target_schema, target_table, state, snapshot_lsn, loaded_rows, shape, "
      "detail "
      "FROM [millrace].[table_state] WHERE pipeline = ? ORDER BY source_schema, source_table",
      {pipeline});
  for (const auto& row : rows) {
    TableState state{.source = {row.at(0).value(), row.at(1).value()},
                     .target = {row.at(2).value(), row.at(3).value()},
                     .state = row.at(4).value(),
                     .loaded_rows = std::stoll(row.at(6).value()),
                     .shape = row.at(7).value_or(""),
                     .detail = row.at(8).value_or("")};
    if (row.at(5)) state.snapshot_lsn = parse_signed(*row.at(5));
    states.push_back(std::move(state));
  }
  return states;
}

namespace {

/// `if_missing`: what follows for a row that is not there; by its own parameters, key and values.
StateStatement fenced_update(const std::string& pipeline, std::int64_t fence, const TableState& state,
                             const std::string& if_missing, bool inserts) {
  const auto snapshot = state.snapshot_lsn ? std::optional(signed_text(*state.snapshot_lsn)) : std::nullopt;
  StateStatement statement{
      fmt::format(
          "IF NOT EXISTS (SELECT 1 FROM [millrace].[checkpoint] WITH (UPDLOCK) WHERE pipeline = ? "
          "AND fence = CONVERT(bigint, ?)) "
          "THROW {}, N'millrace: another process has taken over', 1;\n"
          "UPDATE [millrace].[table_state] SET target_schema = ?, target_table = ?, state = ?, snapshot_lsn = "
          "CONVERT(bigint, ?), loaded_rows = CONVERT(bigint, ?), shape = ?, detail = ?, updated_at = SYSUTCDATETIME() "
          "WHERE pipeline = ? AND source_schema = ? AND source_table = ?;\n"
          "IF @@ROWCOUNT = 0 {};",
          kFencedOff, if_missing),
      {pipeline, std::to_string(fence)}};
  const std::vector<std::optional<std::string>> values = {
      state.target.schema,        state.target.name,          state.state, snapshot, std::to_string(state.loaded_rows),
      null_if_empty(state.shape), null_if_empty(state.detail)};
  const std::vector<std::optional<std::string>> key = {pipeline, state.source.schema, state.source.name};
  auto& to = statement.parameters;
  to.insert(to.end(), values.begin(), values.end());
  to.insert(to.end(), key.begin(), key.end());
  if (inserts) {
    to.insert(to.end(), key.begin(), key.end());
    to.insert(to.end(), values.begin(), values.end());
  }
  return statement;
}

/// One transaction: the lock on the checkpoint's row keeps a new owner waiting until the table's row is written.
void execute_fenced(Session& session, const std::string& pipeline, const schema::TableName& source,
                    const StateStatement& statement) {
  try {
    session.execute("BEGIN TRANSACTION; " + statement.sql + " COMMIT TRANSACTION;", statement.parameters);
  } catch (const QueryError& error) {
    if (error.number() == kStateGone) throw state_gone(pipeline, source);
    if (error.number() != kFencedOff) throw;
    throw Error(ErrorCode::kFenced, "Another process has taken this pipeline over.", {.pipeline = pipeline});
  }
}

}  // namespace

Error state_gone(const std::string& pipeline, const schema::TableName& source) {
  return Error(ErrorCode::kTargetDrift, "The table was taken out of the pipeline while it was loaded.",
               {.pipeline = pipeline, .table = source.to_string()});
}

StateStatement change_table_state_statement(const std::string& pipeline, std::int64_t fence, const TableState& state) {
  return fenced_update(pipeline, fence, state,
                       fmt::format("THROW {}, N'millrace: the table was taken out of the pipeline', 1", kStateGone),
                       false);
}

void change_table_state(Session& session, const std::string& pipeline, std::int64_t fence, const TableState& state) {
  execute_fenced(session, pipeline, state.source, change_table_state_statement(pipeline, fence, state));
}

void save_table_state(Session& session, const std::string& pipeline, std::int64_t fence, const TableState& state) {
  constexpr const char* kInsert =
      "INSERT INTO [millrace].[table_state] (pipeline, source_schema, source_table, target_schema, target_table, "
      "state, "
      "snapshot_lsn, loaded_rows, shape, detail, updated_at) "
      "VALUES (?, ?, ?, ?, ?, ?, CONVERT(bigint, ?), CONVERT(bigint, ?), ?, ?, SYSUTCDATETIME())";
  execute_fenced(session, pipeline, state.source, fenced_update(pipeline, fence, state, kInsert, true));
}

void remove_table_state(Session& session, const std::string& pipeline, const schema::TableName& source) {
  session.execute("DELETE FROM [millrace].[table_state] WHERE pipeline = ? AND source_schema = ? AND source_table = ?",
                  {pipeline, source.schema, source.name});
}

void remove_pipeline(Session& session, const std::string& pipeline, const std::vector<schema::TableName>& stages) {
  if (!has_state_schema(session)) return;
  // The checkpoint first: a process that still runs the pipeline sees at its next write that it may not any more.
  session.execute("DELETE FROM [millrace].[checkpoint] WHERE pipeline = ?", {pipeline});
  for (const auto& stage : stages) session.execute("DROP TABLE IF EXISTS " + schema::quote_mssql(stage));
  for (const char* table : {"table_state", "quarantine", "events"}) {
    session.execute(fmt::format("DELETE FROM [millrace].[{}] WHERE pipeline = ?", table), {pipeline});
  }
  const auto others = session.query("SELECT TOP (1) 1 FROM [millrace].[checkpoint]");
  if (!others.empty()) return;
  for (const auto& [name, columns] : kTables) {
    session.execute(fmt::format("DROP TABLE IF EXISTS [millrace].[{}]", name));
  }
  const auto left = session.query("SELECT TOP (1) 1 FROM sys.objects WHERE schema_id = SCHEMA_ID(N'millrace')");
  if (left.empty()) session.execute("IF SCHEMA_ID(N'millrace') IS NOT NULL DROP SCHEMA [millrace]");
}

}  // namespace millrace::sqlserver
