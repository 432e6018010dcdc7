#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "replication/batch_builder.hpp"
#include "replication/schema_watcher.hpp"
#include "schema_fixture.hpp"
#include "support/error.hpp"
#include "tuples.hpp"

// A schema watcher over a catalog that the test fills, behind the builder that asks it.
namespace millrace::replication {

const Wire kExtraColumn{"extra", 23};
using Lines = std::vector<std::string>;

/// `more`: members of the column behind the others, as text; `file`: 16384 is the table's first.
inline std::string ddl_content(const std::string& publication, const std::vector<LiveColumn>& columns,
                               const std::string& more = "", int file = 16384) {
  std::string list;
  for (const auto& each : columns) {
    list +=
        (list.empty() ? "" : ",") + std::string("{\"attnum\":") + std::to_string(each.attnum) + ",\"name\":\"" +
        each.name + "\",\"type\":" + std::to_string(each.type.value) + ",\"typmod\":" + std::to_string(each.modifier) +
        ",\"declared\":\"?\",\"not_null\":" + (each.not_null ? "true" : "false") +
        ",\"missing\":" + (each.missing ? "\"" + *each.missing + "\"" : "null") + (each.attnum == 7 ? more : "") + "}";
  }
  return "{\"publication\":\"" + publication +
         "\",\"command\":\"ALTER TABLE\",\"identity\":\"public.orders\",\"oid\":16384,\"schema\":\"public\",\"table\":"
         "\"orders\",\"dropped\":false,\"file\":" +
         std::to_string(file) + ",\"columns\":[" + list + "]}";
}

/// Of the Error that it throws; kInternal when it throws none.
template <typename Action>
ErrorCode code_of(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::kInternal;
}

class SchemaWatching : public testing::Test {
 protected:
  void SetUp() override { start({}); }

  void start(WatcherSettings settings, bool partitioned = false) {
    settings.pipeline = "P";
    settings.publication = "pub";
    auto catalog = std::make_unique<FakeCatalog>();
    catalog_ = catalog.get();
    catalog_->now = orders_live();
    watcher_ = make_schema_watcher(std::move(settings), std::move(catalog));
    builder_ = std::make_unique<BatchBuilder>(
        relations_, *watcher_, [](const TableBinding&) { return false; }, true);
    auto shape = orders_shape();
    shape.plan.source.partitioned = partitioned;
    table_ = std::make_shared<TableBinding>("P", shape, schema::ValuePolicy::kFail, ApplyMode::kNet);
    relations_.bind(table_);
  }

  void told(const std::vector<Wire>& columns) { builder_->change(relation(columns)); }
  void ddl(const std::string& content) {
    builder_->change(pgoutput::LogicalMessage{.transactional = true, .prefix = "millrace.ddl", .content = content});
  }
  void insert(std::string_view row) { builder_->change(pgoutput::Insert{.relation = {16384}, .row = tuple(row)}); }

  Lines taken() {
    batch_ = builder_->take();
    Lines lines;
    for (const auto& segment : batch_->segments) {
      if (&segment != &batch_->segments.front()) lines.emplace_back("--");
      for (const auto& part : segment.net) {
        part.changes.for_each([&](const NetChange& change) { lines.push_back(show(change)); });
      }
      for (const auto& step : segment.steps) {
        if (!step.stage_sql.empty()) lines.push_back("stage " + step.stage_sql.substr(0, step.stage_sql.find(" (")));
        if (!step.sql.empty()) lines.push_back(step.sql.substr(0, step.sql.find(" SET shape")));
        if (!step.after_sql.empty()) lines.push_back("after " + step.after_sql);
        if (!step.news) continue;
        const bool ignored = step.news->kind == StepNews::Kind::kIgnored;
        news_.push_back((ignored ? "ignored " : "") + step.news->table.to_string() + ": " + step.news->message +
                        " at " + std::to_string(step.lsn.value()));
      }
    }
    return lines;
  }

  FakeCatalog* catalog_ = nullptr;
  RelationMap relations_;
  std::unique_ptr<SchemaWatcher> watcher_;
  std::unique_ptr<BatchBuilder> builder_;
  std::shared_ptr<TableBinding> table_;
  std::unique_ptr<Batch> batch_;
  Lines news_;  ///< of all batches
};

}  // namespace millrace::replication
