#include "replication/careful_apply.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>

#include "schema/cell_encoder.hpp"
#include "support/error.hpp"

namespace millrace::replication {
namespace {

using pgoutput::Field;
using pgoutput::FieldKind;

bool is_partial(const NetChange& change) {
  return std::any_of(change.row.begin(), change.row.end(),
                     [](const Field& field) { return field.kind == FieldKind::kUnchanged; });
}

bool has(const std::vector<NetOp>& ops, NetOp op) {
  return std::find(ops.begin(), ops.end(), op) != ops.end();
}

const char* word(NetOp op) {
  switch (op) {
    case NetOp::kDelete:
      return "delete";
    case NetOp::kInsert:
      return "insert";
    case NetOp::kReplace:
    case NetOp::kMove:
    case NetOp::kUpdate:
      return "update";
  }
  return "update";
}

/// The row's name before the change; of an insert, after it.
std::string name_before(const TableBinding& table, const NetChange& change) {
  if (table.keyless()) return change.op == NetOp::kDelete ? row_json(table, change.row) : std::string();
  return change.old_key.empty() ? key_text_of(table, change.row) : key_text(table, change.old_key);
}

}  // namespace

void CarefulApply::segment(const Batch& batch, const Segment& segment, std::size_t number) {
  batch_ = &batch;
  segment_ = number;
  for (const auto& changes : segment.net) {
    Part part{changes.table, [&](const StageRowVisit& visit) { for_each_row(changes, visit); }, {}};
    stage(part);
    run(part, Statement::kDelete, {NetOp::kDelete, NetOp::kReplace}, {});
    if (changes.at_once) {
      run(part, Statement::kUpdateAll, {NetOp::kMove, NetOp::kUpdate}, {});
    } else {
      run(part, Statement::kUpdate, {NetOp::kMove}, {});
      run(part, Statement::kUpdate, {NetOp::kUpdate}, {});
    }
    run(part, Statement::kInsert, {NetOp::kInsert, NetOp::kReplace}, {});
  }
  std::map<Table, Part> parts;
  for (const auto& table : ordered_tables(segment)) {
    auto& part = parts[table];
    part.table = table;
    part.each = [&segment, &batch, table](const StageRowVisit& visit) { for_each_row(segment, batch, table, visit); };
    stage(part);
  }
  for (const auto& each : ordered_runs(segment, batch)) {
    auto statement = Statement::kUpdate;
    if (each.op == NetOp::kInsert) statement = Statement::kInsert;
    if (each.op == NetOp::kDelete) statement = each.table->keyless() ? Statement::kDeleteWhole : Statement::kDelete;
    run(parts[each.table], statement, {each.op}, each.range);
    // What is left of a change of a key that was set aside: the old key goes.
    if (each.op == NetOp::kMove) run(parts[each.table], Statement::kDelete, {NetOp::kDelete}, each.range);
  }
}

void CarefulApply::stage(Part& part) {
  part.rows.clear();
  const bool watched = quarantine_.any(part.table->source());
  part.each([&](std::int64_t seq, const NetChange& change) {
    Row row{.seq = seq, .op = change.op, .partial = is_partial(change), .old_name = name_before(*part.table, change)};
    if (aside_.contains({segment_, part.table.get(), seq})) {
      row.aside = true;
    } else if (watched && row.partial && quarantine_.holds(part.table->source(), row.old_name)) {
      set_aside(part, row, Error(ErrorCode::kTargetRowMissing, "An earlier change of the row is in quarantine."),
                describe(part, row, change,
                         "an earlier change of the row is in quarantine, and this one does not carry every column"));
    }
    part.rows.push_back(std::move(row));
  });
  if (fill(part, nullptr)) return;
  std::vector<std::int64_t> seqs;
  for (const auto& row : part.rows) seqs.push_back(row.seq);
  find_unstageable(part, seqs);
  if (!fill(part, nullptr)) {
    throw Error(ErrorCode::kTargetQuery, "SQL Server refuses the rows of a stage, but none of them alone.",
                {.table = part.table->source().to_string()});
  }
}

/// Fills the stage with the rows that are not set aside (`only`: of these), and sets aside those that cannot be
/// encoded. False: SQL Server refused one that is not known.
bool CarefulApply::fill(Part& part, const std::set<std::int64_t>* only) {
  auto& rows = stages_.rows_of(part.table);
  std::int64_t count = 0;
  try {
    const auto writer = stages_.open(part.table);
    std::size_t at = 0;
    part.each([&](std::int64_t seq, const NetChange& change) {
      auto& row = part.rows[at++];
      if (only != nullptr && !only->contains(seq)) return;
      const auto gone = [&] {
        // The row's old key is free on the source: another row may have it.
        if (change.op != NetOp::kReplace && change.op != NetOp::kMove) return;
        row.op = NetOp::kDelete;
        NetChange last;
        last.op = NetOp::kDelete;
        last.old_key = change.old_key;
        try {
          writer->write(rows.encode(stages_.batch(), seq, last));
          ++count;
        } catch (const schema::ValueError&) {
          // A key that has no form on the target was never there.
        }
      };
      if (row.aside) return gone();
      const std::vector<schema::Cell>* cells = nullptr;
      try {
        cells = &rows.encode(stages_.batch(), seq, change);
      } catch (const schema::ValueError& error) {
        set_aside(part, row, error, describe(part, row, change, error.message()));
        return gone();
      }
      writer->write(*cells);
      ++count;
    });
    writer->finish();
  } catch (const sqlserver::QueryError& error) {
    if (!row_refused(error)) throw;
    if (only == nullptr || only->size() > 1) return false;
    const auto row =
        std::find_if(part.rows.begin(), part.rows.end(), [&](const Row& each) { return each.seq == *only->begin(); });
    if (!row->aside) set_aside(part, *row, error, describe(part, *row, error.message()));
    return true;
  }
  if (only == nullptr) {
    const auto check = stages_.expect_sql(*part.table, count);
    session_.execute(check.text, check.values);
  }
  return true;
}

void CarefulApply::find_unstageable(Part& part, const std::vector<std::int64_t>& seqs) {
  const std::set<std::int64_t> only(seqs.begin(), seqs.end());
  if (fill(part, &only)) return;
  const auto half = seqs.begin() + static_cast<std::ptrdiff_t>(seqs.size() / 2);
  find_unstageable(part, {seqs.begin(), half});
  find_unstageable(part, {half, seqs.end()});
}

void CarefulApply::run(Part& part, Statement statement, const std::vector<NetOp>& ops, SeqRange range) {
  std::vector<std::size_t> rows;
  const auto end = [&] {
    if (!rows.empty()) run_rows(part, statement, ops, std::exchange(rows, {}));
  };
  for (std::size_t i = 0; i < part.rows.size(); ++i) {
    const auto& row = part.rows[i];
    if (!range.all() && (row.seq < range.first || row.seq > range.last)) continue;
    // A row that is set aside is passed over: the statement is in two. One that only leaves its old key has become a
    // deletion in the stage.
    const bool staged = !row.aside || row.op == NetOp::kDelete;
    if (has(ops, row.op) && staged && !(row.aside && statement != Statement::kDelete)) {
      rows.push_back(i);
    } else if (row.aside) {
      end();
    }
  }
  end();
}

void CarefulApply::run_rows(Part& part, Statement statement, const std::vector<NetOp>& ops,
                            const std::vector<std::size_t>& rows) {
  const SeqRange range{part.rows[rows.front()].seq, part.rows[rows.back()].seq};
  const RangeKey known{segment_, part.table.get(), statement, ops.front(), range.first, range.last};
  const auto split = [&] {
    const auto half = rows.begin() + static_cast<std::ptrdiff_t>(rows.size() / 2);
    run_rows(part, statement, ops, {rows.begin(), half});
    run_rows(part, statement, ops, {half, rows.end()});
  };
  if (rows.size() > 1 && failed_.contains(known)) return split();
  session_.execute("SAVE TRANSACTION millrace_rows");
  try {
    return execute(part, statement, ops, range, static_cast<std::int64_t>(rows.size()));
  } catch (const sqlserver::QueryError& error) {
    if (!row_refused(error) && error.number() != kRowsDiffer) throw;
    failed_.insert(known);
    const bool goes_on = roll_back();
    if (!goes_on && piece_) blame(part, statement, ops, rows, error);
    if (rows.size() == 1) refused(part, part.rows[rows.front()], error, goes_on);
    if (!goes_on) throw BeginAnew{error.message()};
  }
  if (rows.size() > 1) split();
}

/// The transaction is lost, and with it pieces that do not come again: what can be done is to name the row. The stage
/// holds it still.
void CarefulApply::blame(const Part& part, Statement statement, const std::vector<NetOp>& ops,
                         std::vector<std::size_t> rows, const sqlserver::QueryError& error) {
  const auto refused_alone = [&](const std::vector<std::size_t>& some) {
    bool found = false;
    session_.execute("BEGIN TRANSACTION");
    try {
      const SeqRange range{part.rows[some.front()].seq, part.rows[some.back()].seq};
      execute(part, statement, ops, range, static_cast<std::int64_t>(some.size()));
    } catch (const sqlserver::QueryError& again) {
      found = again.number() == error.number();
    }
    session_.rollback_quietly();
    return found;
  };
  session_.rollback_quietly();
  while (rows.size() > 1) {
    const auto half = rows.begin() + static_cast<std::ptrdiff_t>(rows.size() / 2);
    std::vector<std::size_t> first(rows.begin(), half);
    std::vector<std::size_t> second(half, rows.end());
    const bool in_first = refused_alone(first);
    if (!in_first && !refused_alone(second)) break;
    rows = in_first ? std::move(first) : std::move(second);
  }
  auto poison = describe(part, part.rows[rows.front()], error.message());
  if (rows.size() > 1) poison.key_text += " to " + describe(part, part.rows[rows.back()], "").key_text;
  auto named = poison_error(poison, error, blamed_column(*part.table, error.message()));
  named.note("The transaction is larger than memory and is applied in pieces: the row cannot be put aside alone.");
  throw named;
}

void CarefulApply::execute(const Part& part, Statement statement, const std::vector<NetOp>& ops, SeqRange range,
                           std::int64_t rows) {
  const TableBinding& table = *part.table;
  Sql sql;
  switch (statement) {
    case Statement::kDelete:
      sql += delete_sql(table, ops, range);
      sql += expect_rows_sql(table, "DELETE", rows);
      break;
    case Statement::kDeleteWhole:
      sql += delete_whole_row_sql(table, range.first);
      sql += expect_rows_sql(table, "DELETE", rows);
      break;
    case Statement::kUpdate:
      sql += update_sql(table, ops.front(), stages_.rows_of(part.table).masks(), range);
      sql += expect_rows_sql(table, "UPDATE", rows);
      break;
    case Statement::kUpdateAll:
      sql += update_all_sql(table, stages_.rows_of(part.table).masks(), range);
      sql += expect_rows_sql(table, "UPDATE", rows);
      break;
    case Statement::kInsert:
      sql += insert_sql(table, ops, range);
      sql += expect_rows_sql(table, "INSERT", rows);
      break;
  }
  session_.execute(sql.text, sql.values);
}

void CarefulApply::refused(Part& part, Row& row, const sqlserver::QueryError& error, bool goes_on) {
  if (error.number() == kRowsDiffer) {
    const Error missing(ErrorCode::kTargetRowMissing, "The row is not on the target.");
    // A row that leaves nothing but its old key, and has none there: as it should be.
    if (row.aside) {
      row.op = NetOp::kInsert;
      return;
    }
    if (!quarantine_.holds(part.table->source(), row.old_name)) {
      throw poison_error(describe(part, row, "the row is not on the target"), missing, "");
    }
    return set_aside(part, row, missing,
                     describe(part, row, "the row is not on the target: an earlier change of it is in quarantine"));
  }
  set_aside(part, row, error, describe(part, row, error.message()));
  // The old key is free on the source. (Begun anew, the stage holds a deletion instead.)
  if (goes_on && row.op == NetOp::kMove) {
    const auto sql = delete_sql(*part.table, {NetOp::kMove}, {row.seq, row.seq});
    session_.execute(sql.text, sql.values);
  }
}

/// By the policy: throws, or takes the row out of what is applied.
void CarefulApply::set_aside(Part& part, Row& row, const Error& cause, PoisonRow poison) {
  if (policy_ == PoisonPolicy::kStop) {
    auto column = cause.context().column;
    if (column.empty()) column = blamed_column(*part.table, cause.message());
    throw poison_error(poison, cause, column);
  }
  row.aside = true;
  aside_.insert({segment_, part.table.get(), row.seq});
  quarantine_.remember(poison);
  found_.push_back(std::move(poison));
  if (!part.table->keyless() || row.op != NetOp::kDelete) return;
  // An update of a row that a table without key does not hold: its new version is no more there than the old one.
  const auto next =
      std::find_if(part.rows.begin(), part.rows.end(), [&](const Row& other) { return other.seq == row.seq + 1; });
  if (next == part.rows.end() || next->aside || row.seq % 2 != 0) return;
  auto version = describe(part, *next, found_.back().reason);
  version.op = "update";
  next->aside = true;
  aside_.insert({segment_, part.table.get(), next->seq});
  quarantine_.remember(version);
  found_.push_back(std::move(version));
}

PoisonRow CarefulApply::describe(const Part& part, const Row& row, const std::string& reason) const {
  PoisonRow poison;
  part.each([&](std::int64_t seq, const NetChange& change) {
    if (seq == row.seq) poison = describe(part, row, change, reason);
  });
  return poison;
}

PoisonRow CarefulApply::describe(const Part& part, const Row& row, const NetChange& change, std::string reason) const {
  const TableBinding& table = *part.table;
  PoisonRow poison{.source = table.source(), .target = table.target(), .op = word(row.op), .reason = std::move(reason)};
  if (change.transaction < batch_->origins.size()) {
    poison.lsn = batch_->origins[change.transaction].commit_lsn;
    poison.commit_time = batch_->origins[change.transaction].commit_time;
  }
  if (!change.row.empty()) poison.row_json = row_json(table, change.row);
  if (table.keyless()) return poison;
  poison.key_text = change.row.empty() ? key_text(table, change.old_key) : key_text_of(table, change.row);
  return poison;
}

/// Back to the savepoint. False: the transaction cannot go on.
bool CarefulApply::roll_back() {
  const auto state = session_.query("SELECT XACT_STATE()");
  if (state.empty() || state.front().at(0) != "1") return false;
  session_.execute("ROLLBACK TRANSACTION millrace_rows");
  return true;
}

std::vector<Sql> CarefulApply::records() const {
  std::vector<Sql> all;
  for (const auto& row : found_) all.push_back(quarantine_.insert_sql(row));
  return all;
}

}  // namespace millrace::replication
