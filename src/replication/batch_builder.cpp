#include "replication/batch_builder.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "postgres/ddl_capture.hpp"
#include "replication/apply_sql.hpp"
#include "support/error.hpp"

namespace millrace::replication {
namespace {

std::int64_t steady_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

/// A refused change tells where in the stream it stands.
template <class Ask>
auto located(Lsn lsn, Ask ask) {
  try {
    return ask();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kSchemaChanged || lsn.value() == 0 || !error.context().lsn.empty()) throw;
    auto context = error.context();
    context.lsn = lsn.to_string();
    Error there(error.code(), error.message(), std::move(context));
    throw there.suggest(error.suggestion()).because(error.cause());
  }
}

}  // namespace

using pgoutput::FieldKind;
using pgoutput::OldTuple;

BatchBuilder::BatchBuilder(RelationMap& relations, SchemaWatcher& watcher, Referenced referenced, bool truncates)
    : relations_(relations),
      watcher_(watcher),
      referenced_(std::move(referenced)),
      truncates_(truncates),
      batch_(std::make_unique<Batch>()) {}

void BatchBuilder::start(Lsn checkpoint) {
  batch_->end_lsn = checkpoint;
  taken_lsn_ = checkpoint;
}

void BatchBuilder::begin(Lsn commit_lsn, std::int64_t commit_time) {
  in_transaction_ = true;
  transaction_lsn_ = commit_lsn;
  transaction_time_ = commit_time;
  origin_known_ = false;
}

void BatchBuilder::commit(Lsn end_lsn, std::int64_t commit_time) {
  in_transaction_ = false;
  batch_->end_lsn = end_lsn;
  batch_->commit_time = commit_time;
  ++batch_->transactions;
}

void BatchBuilder::advance(Lsn lsn) {
  if (lsn > batch_->end_lsn) batch_->end_lsn = lsn;
}

void BatchBuilder::change(const pgoutput::Message& message) {
  if (const auto* insert = std::get_if<pgoutput::Insert>(&message)) return row(*insert);
  if (const auto* update = std::get_if<pgoutput::Update>(&message)) return row(*update);
  if (const auto* removed = std::get_if<pgoutput::Delete>(&message)) return row(*removed);
  if (const auto* emptied = std::get_if<pgoutput::Truncate>(&message)) return truncate(*emptied);
  if (const auto* shape = std::get_if<pgoutput::Relation>(&message)) return relation(*shape);
  if (const auto* told = std::get_if<pgoutput::LogicalMessage>(&message)) {
    if (told->transactional && told->prefix == postgres::kDdlPrefix) ddl(told->content);
  }
}

bool BatchBuilder::skipped(RelationEntry& entry) {
  if (!entry.table || transaction_lsn_ < entry.table->snapshot_lsn()) return true;
  if (entry.early) {
    // Told anew, now that it counts. The entry stays where it is.
    const auto early = std::move(entry.early);
    relation(early->get());
  }
  return !entry.table;
}

Segment& BatchBuilder::segment() {
  if (batch_->segments.empty() || !batch_->segments.back().steps.empty()) {
    if (batch_->segments.empty()) batch_->received_us = steady_us();
    batch_->segments.emplace_back();
    ++segment_number_;
  }
  return batch_->segments.back();
}

NetChanges& BatchBuilder::net(RelationEntry& entry) {
  Segment& now = segment();
  if (entry.segment != segment_number_ || entry.changes == nullptr) {
    const auto known = std::find_if(now.net.begin(), now.net.end(),
                                    [&](const TableChanges& changes) { return changes.table == entry.table; });
    if (known == now.net.end()) {
      const auto& table = *entry.table;
      now.net.push_back(
          {.table = entry.table,
           .changes = NetChanges({table.source().to_string(), table.columns().size(), table.key()}, batch_->rows),
           .at_once = table.mode() == ApplyMode::kNetAtOnce});
      entry.changes = &now.net.back();
    } else {
      entry.changes = &*known;
    }
    entry.segment = segment_number_;
  }
  entry.changes->changes.at(origin());
  return entry.changes->changes;
}

ChangeCounts& BatchBuilder::counts(RelationEntry& entry) {
  if (entry.batch != batch_number_) {
    batch_->counts.push_back({entry.table, {}});
    entry.counts = &batch_->counts.back().second;
    entry.batch = batch_number_;
  }
  ++batch_->changes;
  return *entry.counts;
}

std::uint32_t BatchBuilder::origin() {
  if (!std::exchange(origin_known_, true)) batch_->origins.push_back({transaction_lsn_, transaction_time_});
  return static_cast<std::uint32_t>(batch_->origins.size() - 1);
}

RowStore::Offset BatchBuilder::store_key(const TableBinding& table, const pgoutput::Tuple& row) {
  key_.clear();
  for (const auto position : table.key()) key_.push_back(row.at(position));
  return batch_->rows.add(key_);
}

void BatchBuilder::add_ordered(const RelationEntry& entry, OrderedChange change) {
  change.table = entry.table;
  change.transaction = origin();
  segment().ordered.push_back(std::move(change));
}

void BatchBuilder::row(const pgoutput::Insert& message) {
  RelationEntry& entry = relations_.find(message.relation);
  if (skipped(entry)) return;
  ++counts(entry).inserts;
  entry.map(message.row, row_);
  if (entry.table->mode() != ApplyMode::kOrdered) return net(entry).insert(row_);
  add_ordered(entry, {.op = RowOp::kInsert, .row = batch_->rows.add(row_)});
}

void BatchBuilder::row(const pgoutput::Update& message) {
  RelationEntry& entry = relations_.find(message.relation);
  if (skipped(entry)) return;
  ++counts(entry).updates;
  entry.map(message.row, row_);
  const bool has_old = message.old_kind != OldTuple::kNone;
  if (has_old) entry.map(message.old, old_);
  const TableBinding& table = *entry.table;
  if (table.mode() != ApplyMode::kOrdered) return net(entry).update(message.old_kind, old_, row_);

  if (message.old_kind == OldTuple::kFull) {
    for (std::size_t i = 0; i < row_.size(); ++i) {
      if (row_[i].kind == FieldKind::kUnchanged) row_[i] = old_[i];
    }
  }
  if (table.keyless()) {
    if (message.old_kind != OldTuple::kFull) {
      throw Error(ErrorCode::kTableUnsupported, "An update of a table without key came without the whole old row.",
                  {.table = table.source().to_string()})
          .suggest("Set REPLICA IDENTITY FULL on the source table.");
    }
    const auto old_row = batch_->rows.add(old_);
    return add_ordered(entry, {.op = RowOp::kUpdate, .old_row = old_row, .row = batch_->rows.add(row_)});
  }
  const auto old_key = store_key(table, has_old ? old_ : row_);
  const bool moved = has_old && std::any_of(table.key().begin(), table.key().end(), [&](std::size_t i) {
                       return old_[i].kind != row_[i].kind || old_[i].value != row_[i].value;
                     });
  add_ordered(entry, {.op = RowOp::kUpdate,
                      .old_key = old_key,
                      .old_row = message.old_kind == OldTuple::kFull ? batch_->rows.add(old_) : RowStore::kNone,
                      .row = batch_->rows.add(row_),
                      .key_changed = moved});
}

void BatchBuilder::row(const pgoutput::Delete& message) {
  RelationEntry& entry = relations_.find(message.relation);
  if (skipped(entry)) return;
  ++counts(entry).deletes;
  entry.map(message.old, old_);
  const TableBinding& table = *entry.table;
  if (table.mode() != ApplyMode::kOrdered) return net(entry).remove(message.old_kind, old_);
  if (!table.keyless()) {
    const auto old_key = store_key(table, old_);
    const auto old_row = message.old_kind == OldTuple::kFull ? batch_->rows.add(old_) : RowStore::kNone;
    return add_ordered(entry, {.op = RowOp::kDelete, .old_key = old_key, .old_row = old_row});
  }
  if (message.old_kind != OldTuple::kFull) {
    throw Error(ErrorCode::kTableUnsupported, "A delete from a table without key came without the whole old row.",
                {.table = table.source().to_string()})
        .suggest("Set REPLICA IDENTITY FULL on the source table.");
  }
  add_ordered(entry, {.op = RowOp::kDelete, .old_row = batch_->rows.add(old_)});
}

void BatchBuilder::add_steps(std::vector<TargetStep> steps) {
  if (steps.empty()) return;
  // Behind the changes so far, before those that follow: segment() opens a new one after steps.
  if (batch_->segments.empty()) segment();
  auto& at = batch_->segments.back().steps;
  if (in_transaction_) {
    for (auto& step : steps) step.lsn = transaction_lsn_;
  }
  std::move(steps.begin(), steps.end(), std::back_inserter(at));
}

void BatchBuilder::truncate(const pgoutput::Truncate& message) {
  if (!truncates_) return;
  std::vector<TargetStep> steps;
  for (const auto relation : message.relations) {
    RelationEntry& entry = relations_.find(relation);
    if (skipped(entry)) continue;
    const auto& target = entry.table->target();
    steps.push_back({.sql = truncate_sql(target, referenced_(*entry.table)).text,
                     .news = StepNews{StepNews::Kind::kTruncated, entry.table->source(), "truncated"}});
    ++counts(entry).truncates;
  }
  add_steps(std::move(steps));
}

void BatchBuilder::ddl(std::string_view content) {
  auto effect = located(transaction_lsn_, [&] { return watcher_.ddl(content, relations_.tables(), before_load()); });
  add_steps(std::move(effect.steps));
  relations_.rename(effect.renamed);
  if (effect.table) relations_.rebind(std::move(effect.table));
}

void BatchBuilder::look() {
  for (auto& change : watcher_.look(relations_.tables())) {
    add_steps(std::move(change.steps));
    relations_.bind(std::move(change.table));
  }
}

BeforeLoad BatchBuilder::before_load() const {
  return [this](const TableBinding& table) { return transaction_lsn_ < table.snapshot_lsn(); };
}

void BatchBuilder::relation(const pgoutput::Relation& message) {
  std::vector<TargetStep> steps;
  located(transaction_lsn_, [&] { relations_.announce(message, watcher_, steps, before_load()); });
  // A binding that was replaced must not fold into the rows of its former shape.
  add_steps(std::move(steps));
}

std::size_t BatchBuilder::bytes() const {
  std::size_t sum = batch_->rows.bytes();
  for (const auto& part : batch_->segments) {
    for (const auto& table : part.net) sum += table.changes.bytes();
    sum += part.ordered.size() * sizeof(OrderedChange);
  }
  return sum;
}

std::unique_ptr<Batch> BatchBuilder::take() {
  auto taken = std::exchange(batch_, std::make_unique<Batch>());
  taken->commits = !in_transaction_;
  batch_->end_lsn = taken->end_lsn;
  taken_lsn_ = taken->end_lsn;
  origin_known_ = false;
  ++segment_number_;
  ++batch_number_;
  return taken;
}

}  // namespace millrace::replication
