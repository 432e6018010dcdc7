#include <gmock/gmock.h>

#include "lab_target.hpp"
#include "pgoutput/decoder.hpp"
#include "postgres/catalog.hpp"
#include "postgres/ddl_capture.hpp"
#include "postgres/stream_reader.hpp"
#include "replication/batch_builder.hpp"
#include "replication/schema_watcher.hpp"
#include "replication/source_catalog.hpp"
#include "replication/sql_sink.hpp"
#include "replication/stage_rows.hpp"
#include "schema/cell_encoder.hpp"
#include "schema/target_ddl.hpp"
#include "sqlserver/state_tables.hpp"

namespace millrace::replication {
namespace {

using Lines = std::vector<std::string>;

/// public.t on a real PostgreSQL, carried to a table of a real SQL Server change by change.
class SchemaChanges : public postgres::LabPostgres {
 protected:
  void SetUp() override {
    LabPostgres::SetUp();
    if (HasFatalFailure()) return;
    source_ = std::make_unique<postgres::Connection>(superuser());
    run(*source_, {"CREATE TABLE public.t (id int PRIMARY KEY, note text, size int, part varchar(20) NOT NULL)",
                   "CREATE PUBLICATION p FOR TABLE public.t"});
    target_ = std::make_unique<sqlserver::Session>(LabTarget::endpoint());
  }

  void TearDown() override {
    reader_.reset();
    if (target_ && bound_) {
      target_->execute(schema::drop_table_sql(bound_->target()));
      sqlserver::remove_pipeline(*target_, name(), {});
    }
    source_.reset();
    LabPostgres::TearDown();
  }

  /// Begins to carry the table, empty as it is.
  void begin(const SchemaPolicies& policies = {}, bool captured = false) {
    postgres::create_slot(*source_, name() + "_slot");
    const auto table = postgres::read_tables(*source_, {{"public", "t"}}).at(0);
    schema::MappingOptions options;
    options.tables[table.name].rename = schema::TableName{"dbo", name()};
    auto plan = schema::plan_table(table, options);
    auto key = stream_key(plan);
    bound_ = std::make_shared<TableBinding>(name(), TableShape{std::move(plan), std::move(key), 1},
                                            schema::ValuePolicy::kFail, ApplyMode::kNet);
    target_->execute(schema::create_table_sql(bound_->plan().target));
    sqlserver::ensure_state_schema(*target_);
    sqlserver::create_checkpoint(*target_, {.pipeline = name(), .system_identifier = "1", .slot = "s"});
    const auto checkpoint = sqlserver::take_over(*target_, name());
    sqlserver::save_table_state(*target_, name(), checkpoint.fence,
                                {.source = bound_->source(),
                                 .target = bound_->target(),
                                 .state = "ready",
                                 .shape = to_json_text(bound_->shape())});
    target_->execute(create_stage_sql(*bound_));
    sink_ = std::make_unique<SqlSink>(LabTarget::endpoint(), Writer{name(), checkpoint.fence});
    sink_->on_step = [this](const TargetStep& step) { told_.push_back(step.news->message); };
    relations_.bind(bound_);
    watcher_ = make_schema_watcher({.pipeline = name(), .publication = "p", .captured = captured, .policies = policies},
                                   source_catalog(superuser()));
    builder_ = std::make_unique<BatchBuilder>(
        relations_, *watcher_, [](const TableBinding&) { return false; }, true);
    reader_ = std::make_unique<postgres::StreamReader>(superuser());
    reader_->connection().prepare(schema::session_settings());
    reader_->connection().start({.slot = name() + "_slot", .publication = "p"});
  }

  /// Carries all that was done so far, in one batch.
  void carry() {
    const auto from = reader_->payloads().size();
    const auto mark = "end " + std::to_string(from);
    // What changes no published row comes as no transaction at all.
    source_->execute("SELECT pg_logical_emit_message(true, 'test', $1)", {mark});
    ASSERT_TRUE(reader_->read_until(
        [&] { return reader_->find(mark) < reader_->payloads().size() && reader_->payloads().back().front() == 'C'; }));
    pgoutput::Decoder decoder;
    pgoutput::Message message;
    for (std::size_t i = from; i < reader_->payloads().size(); ++i) {
      decoder.decode(reader_->payloads()[i], message);
      if (const auto* opened = std::get_if<pgoutput::Begin>(&message)) {
        builder_->begin(opened->final_lsn);
      } else if (const auto* closed = std::get_if<pgoutput::Commit>(&message)) {
        builder_->commit(closed->end_lsn, closed->commit_time);
      } else {
        builder_->change(message);
      }
    }
    sink_->apply(*builder_->take());
  }

  /// The target's rows, columns parted by '|'.
  Lines rows(const std::string& columns) {
    Lines lines;
    for (const auto& row :
         target_->query("SELECT " + columns + " FROM " + schema::quote_mssql(bound_->target()) + " ORDER BY 1")) {
      std::string line;
      for (const auto& value : row) line += (line.empty() ? "" : "|") + value.value_or("-");
      lines.push_back(line);
    }
    return lines;
  }
  Lines target_columns() {
    Lines names;
    for (const auto& row : target_->query("SELECT name FROM sys.columns WHERE object_id = OBJECT_ID(?) ORDER BY name",
                                          {schema::quote_mssql(bound_->target())})) {
      names.push_back(*row.at(0));
    }
    return names;
  }
  TableShape stored_shape() { return parse_shape(sqlserver::read_table_states(*target_, name()).at(0).shape); }

  std::unique_ptr<postgres::Connection> source_;
  std::unique_ptr<sqlserver::Session> target_;
  std::shared_ptr<TableBinding> bound_;
  RelationMap relations_;
  std::unique_ptr<SchemaWatcher> watcher_;
  std::unique_ptr<BatchBuilder> builder_;
  std::unique_ptr<SqlSink> sink_;
  std::unique_ptr<postgres::StreamReader> reader_;
  Lines told_;
};

TEST_F(SchemaChanges, AColumnWithADefaultAmidATransaction) {
  begin();
  run(*source_,
      {"INSERT INTO public.t VALUES (1, 'old', 1, 'a'), (2, 'old', 2, 'b')", "BEGIN",
       "UPDATE public.t SET note = 'touched' WHERE id = 2",
       "ALTER TABLE public.t ADD COLUMN price numeric(8,2) DEFAULT 7.50, ADD COLUMN at timestamptz DEFAULT "
       "'2024-02-29 12:00:00.25+02', ADD COLUMN raw bytea DEFAULT '\\x00ff', ADD COLUMN plain int",
       "INSERT INTO public.t (id, part) VALUES (3, 'c')", "UPDATE public.t SET price = 9.99, plain = 5 WHERE id = 1",
       "COMMIT", "UPDATE public.t SET raw = NULL WHERE id = 2"});
  carry();
  EXPECT_EQ(rows("id, note, price, CONVERT(varchar(40), at, 121), CONVERT(varchar(20), raw, 1), plain"),
            (Lines{"1|old|9.99|2024-02-29 10:00:00.250000 +00:00|0x00FF|5",
                   "2|touched|7.50|2024-02-29 10:00:00.250000 +00:00|-|-",
                   "3|-|7.50|2024-02-29 10:00:00.250000 +00:00|0x00FF|-"}));
  EXPECT_EQ(stored_shape().version, 2);
  EXPECT_EQ(stored_shape().plan.columns.size(), 8U);
  EXPECT_EQ(told_, (Lines{"column price added: decimal(8,2), rows that are there got its default",
                          "column at added: datetimeoffset(6), rows that are there got its default",
                          "column raw added: varbinary(max), rows that are there got its default",
                          "column plain added: int"}));
  EXPECT_TRUE(target_->query("SELECT 1 FROM sys.tables WHERE name = ?", {bound_->stage().name}).empty())
      << "the old stage is gone";
}

TEST_F(SchemaChanges, DroppedRenamedAndWiderColumns) {
  begin();
  run(*source_,
      {"INSERT INTO public.t VALUES (1, 'a', 1, 'p')", "BEGIN", "INSERT INTO public.t VALUES (2, 'b', 2, 'q')",
       "ALTER TABLE public.t DROP COLUMN note", "ALTER TABLE public.t RENAME COLUMN part TO note",
       "ALTER TABLE public.t ALTER COLUMN size TYPE bigint", "ALTER TABLE public.t ALTER note TYPE varchar(30)",
       "ALTER TABLE public.t ALTER note DROP NOT NULL", "INSERT INTO public.t VALUES (3, 5000000000, NULL)",
       "UPDATE public.t SET size = 6000000000 WHERE id = 1", "COMMIT"});
  carry();
  EXPECT_EQ(target_columns(), (Lines{"id", "note", "size"}));
  EXPECT_EQ(rows("id, size, note"), (Lines{"1|6000000000|p", "2|2|q", "3|5000000000|-"}));
}

TEST_F(SchemaChanges, ARenamedAndWiderKey) {
  begin();
  run(*source_, {"INSERT INTO public.t VALUES (1, 'a', 1, 'p')", "ALTER TABLE public.t RENAME COLUMN id TO no",
                 "ALTER TABLE public.t ALTER COLUMN no TYPE bigint", "UPDATE public.t SET note = 'b' WHERE no = 1",
                 "INSERT INTO public.t VALUES (5000000000, 'c', 2, 'q')", "DELETE FROM public.t WHERE no = 1"});
  carry();
  EXPECT_EQ(rows("no, note"), Lines{"5000000000|c"});
  EXPECT_EQ(stored_shape().key, Lines{"no"});
}

TEST_F(SchemaChanges, AnotherPrimaryKey) {
  begin();
  run(*source_, {"INSERT INTO public.t VALUES (1, 'a', 1, 'p'), (2, 'a', 1, 'q')",
                 "ALTER TABLE public.t DROP CONSTRAINT t_pkey, ADD PRIMARY KEY (part)",
                 "UPDATE public.t SET part = 'r', id = 7 WHERE part = 'q'", "DELETE FROM public.t WHERE part = 'p'"});
  carry();
  EXPECT_EQ(rows("id, part"), Lines{"7|r"});
}

TEST_F(SchemaChanges, ANameThatCameAndWentIsFollowedByTheCapture) {
  postgres::install_ddl_capture(*source_, {"capture", "p"});
  ASSERT_TRUE(read_ddl_capture(superuser(), "capture").changes);
  begin({}, true);
  run(*source_, {"INSERT INTO public.t VALUES (1, 'a', 1, 'p')", "ALTER TABLE public.t RENAME COLUMN note TO remark",
                 "UPDATE public.t SET remark = 'b'", "ALTER TABLE public.t DROP COLUMN remark, ADD COLUMN note text",
                 "INSERT INTO public.t VALUES (2, 2, 'q', 'c')"});
  carry();
  EXPECT_EQ(target_columns(), (Lines{"id", "note", "part", "size"}));
  EXPECT_EQ(rows("id, note"), (Lines{"1|-", "2|c"})) << "the catalog alone shows no difference";
  postgres::remove_ddl_capture(*source_, "capture");
  EXPECT_FALSE(read_ddl_capture(superuser(), "capture").changes);
}

TEST_F(SchemaChanges, ATypeOfTheUsersAndADomain) {
  begin();
  run(*source_, {"CREATE TYPE public.mood AS ENUM ('sad', 'happy')", "CREATE DOMAIN public.short AS varchar(5)",
                 "ALTER TABLE public.t ADD COLUMN mood public.mood DEFAULT 'happy', ADD COLUMN short public.short",
                 "INSERT INTO public.t VALUES (1, 'a', 1, 'p', 'sad', 'abc')"});
  carry();
  EXPECT_EQ(rows("id, mood, short"), Lines{"1|sad|abc"});
  const int version = stored_shape().version;
  run(*source_, {"CREATE DOMAIN public.part AS varchar(20)", "ALTER TABLE public.t ALTER COLUMN part TYPE public.part",
                 "INSERT INTO public.t (id, part) VALUES (2, 'x')"});
  carry();
  EXPECT_EQ(rows("id, part"), (Lines{"1|p", "2|x"}));
  EXPECT_EQ(stored_shape().version, version) << "a domain is its base type";
}

TEST_F(SchemaChanges, ValuesThatTheStreamDoesNotTellStopIt) {
  begin();
  run(*source_, {"INSERT INTO public.t VALUES (1, 'a', 1, 'p')",
                 "ALTER TABLE public.t ADD COLUMN code uuid DEFAULT gen_random_uuid()",
                 "INSERT INTO public.t (id, part) VALUES (2, 'q')"});
  try {
    carry();
    FAIL() << "row 1 would have NULL for ever";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kSchemaChanged);
    EXPECT_EQ(error.context().column, "code");
    EXPECT_THAT(error.suggestion(), testing::HasSubstr("reload"));
  }
}

TEST_F(SchemaChanges, PauseChangesNothingOnTheTarget) {
  begin(SchemaPolicy::kPause);
  run(*source_, {"ALTER TABLE public.t ADD COLUMN extra int", "INSERT INTO public.t VALUES (1, 'a', 1, 'p', 5)"});
  EXPECT_THROW(carry(), Error);
  EXPECT_EQ(target_columns(), (Lines{"id", "note", "part", "size"}));
}

TEST_F(SchemaChanges, IgnoredChangesLeaveTheTargetAsItIs) {
  begin(SchemaPolicy::kIgnore);
  run(*source_, {"INSERT INTO public.t VALUES (1, 'a', 1, 'p')",
                 "ALTER TABLE public.t ADD COLUMN extra int DEFAULT 4, DROP COLUMN note, ALTER size TYPE bigint",
                 "ALTER TABLE public.t RENAME COLUMN part TO piece", "INSERT INTO public.t VALUES (2, 2, 'q', 5)",
                 "ALTER TABLE public.t DROP COLUMN piece", "INSERT INTO public.t VALUES (3, 3, 5)"});
  carry();
  EXPECT_EQ(target_columns(), (Lines{"id", "note", "part", "size"}));
  EXPECT_EQ(rows("id, note, size, part"), (Lines{"1|a|1|p", "2|-|2|q", "3|-|3|-"}));
}

}  // namespace
}  // namespace millrace::replication
