#include "replication/quarantine_retry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <utility>

#include "replication/bound_tables.hpp"
#include "replication/poison.hpp"
#include "replication/source_row.hpp"
#include "replication/stage_rows.hpp"
#include "replication/verify_position.hpp"
#include "schema/cell_encoder.hpp"
#include "sqlserver/bulk_writer.hpp"
#include "sqlserver/state_tables.hpp"
#include "support/error.hpp"

namespace millrace::replication {
namespace {

using Outcome = RetriedRow::Outcome;

constexpr std::size_t kRetriedAtOnce = 500;
constexpr int kRetryLooks = 5;

/// A quarantined row that is looked for.
struct Wanted {
  std::string key_text;
  std::vector<std::string> key;
  std::optional<SourceRow> seen;  ///< at the last look
};
using Piece = std::vector<Wanted*>;

/// One table's rows of the quarantine.
class TableRetry {
 public:
  TableRetry(const RunPlan& plan, const TableBinding& table, StreamPosition& position, std::vector<RetriedRow>& results,
             std::stop_token stop)
      : plan_(plan),
        table_(table),
        position_(position),
        results_(results),
        stop_(std::move(stop)),
        source_(plan.source),
        session_(plan.target),
        bulk_(plan.target),
        finder_(source_, table) {
    for (const auto& sql : schema::session_settings()) source_.execute(sql);
    session_.set_lock_timeout(std::chrono::milliseconds(-1));
    session_.execute("SET DEADLOCK_PRIORITY LOW");
    make_stage(session_, table);
  }

  ~TableRetry() {
    try {
      session_.rollback_quietly();
      session_.execute("DROP TABLE IF EXISTS " + schema::quote_mssql(table_.stage()));
    } catch (const Error&) {
      return;  // the next retry of this table begins with dropping it
    }
  }
  TableRetry(const TableRetry&) = delete;
  TableRetry& operator=(const TableRetry&) = delete;

  void run(const std::set<std::string>& key_texts) {
    std::vector<Wanted> rows;
    for (const auto& text : key_texts) {
      if (auto key = finder_.key_of(text)) {
        rows.push_back({text, std::move(*key), std::nullopt});
      } else {
        end(text, Outcome::kUnfindable, "its key does not lead to a row of the source for sure");
      }
    }
    for (std::size_t at = 0; at < rows.size(); at += kRetriedAtOnce) {
      Piece piece;
      for (std::size_t i = at; i < std::min(rows.size(), at + kRetriedAtOnce); ++i) piece.push_back(&rows[i]);
      settle(std::move(piece));
    }
  }

 private:
  void end(const std::string& key_text, Outcome outcome, std::string reason = {}) {
    results_.push_back({table_.source().to_string(), key_text, outcome, std::move(reason)});
  }

  void look(const Piece& piece) {
    for (auto* row : piece) row->seen = finder_.find(row->key);
  }

  void settle(Piece piece) {
    for (int looks = 0; looks < kRetryLooks && !piece.empty(); ++looks) {
      look(piece);
      position_.wait(position_.mark(), stop_);
      piece = attempt(piece);
    }
    for (const auto* row : piece) end(row->key_text, Outcome::kChanging, "the source changes it again and again");
  }

  /// Returns the rows that changed since they were looked at.
  Piece attempt(const Piece& piece) {
    Piece changed;
    if (stop_.stop_requested()) throw Error(ErrorCode::kInterrupted, "The retry was stopped.");
    const auto told = results_.size();
    try {
      session_.execute("SET XACT_ABORT ON; BEGIN TRANSACTION;");
      session_.execute("UPDATE [millrace].[checkpoint] SET fence = fence WHERE pipeline = ?", {plan_.pipeline});
      Piece same;
      for (auto* row : piece) {
        const auto now = finder_.find(row->key);
        const bool is_same = now.has_value() == row->seen.has_value() && (!now || now->version == row->seen->version);
        (is_same ? same : changed).push_back(row);
      }
      write(same);
      session_.execute("COMMIT TRANSACTION;");
      return changed;
    } catch (const sqlserver::QueryError& error) {
      session_.rollback_quietly();
      results_.resize(told);
      if (!row_refused(error)) throw;
      if (piece.size() == 1) {
        end(piece.front()->key_text, Outcome::kRefused, error.message());
        return {};
      }
    } catch (...) {
      session_.rollback_quietly();
      throw;
    }
    const auto half = piece.begin() + static_cast<std::ptrdiff_t>(piece.size() / 2);
    changed = attempt({piece.begin(), half});
    for (auto* row : attempt({half, piece.end()})) changed.push_back(row);
    return changed;
  }

  /// The rows of both sides meet in the stage.
  void write(const Piece& piece) {
    Piece staged;
    stage(piece, staged);
    if (staged.empty()) return;
    std::string join;
    for (std::size_t i = 0; i < table_.key().size(); ++i) {
      const auto name = schema::quote_mssql(table_.columns()[table_.key()[i]].mapping.target.name);
      join += fmt::format("{}t.{} = s.o{}", i == 0 ? "" : " AND ", name, i + 1);
    }
    const auto target = schema::quote_mssql(table_.target());
    const auto stage_name = schema::quote_mssql(table_.stage());
    std::set<std::size_t> left;
    for (const auto& row :
         session_.query(fmt::format("SELECT s.seq FROM {} AS s INNER JOIN {} AS t ON {} WHERE s.op = {}", stage_name,
                                    target, join, static_cast<int>(NetOp::kDelete)))) {
      left.insert(static_cast<std::size_t>(std::stoll(row.at(0).value())));
    }
    session_.execute(
        fmt::format("UPDATE s SET s.op = {} FROM {} AS s WHERE s.op = {} AND NOT EXISTS (SELECT 1 FROM {} "
                    "AS t WHERE {})",
                    static_cast<int>(NetOp::kInsert), stage_name, static_cast<int>(NetOp::kUpdate), target, join));
    auto sql = update_sql(table_, NetOp::kUpdate, Masks{std::vector<bool>(table_.columns().size(), false)});
    sql += insert_sql(table_, {NetOp::kInsert});
    session_.execute(sql.text, sql.values);
    session_.execute("TRUNCATE TABLE " + stage_name);
    std::string names;
    std::size_t settled = 0;
    for (std::size_t i = 0; i < staged.size(); ++i) {
      const auto& row = *staged[i];
      if (left.contains(i)) {
        end(row.key_text, Outcome::kRefused,
            "the target has the row, the source has not: `millrace verify --repair` removes it");
        continue;
      }
      // Trailing spaces are nothing to a comparison, but another key.
      session_.execute(
          "DELETE FROM [millrace].[quarantine] WHERE pipeline = ? AND source_table COLLATE Latin1_General_100_BIN2 = ? "
          "AND key_text COLLATE Latin1_General_100_BIN2 = ? AND DATALENGTH(key_text) = "
          "DATALENGTH(CONVERT(nvarchar(max), "
          "?))",
          {plan_.pipeline, table_.source().to_string(), row.key_text, row.key_text});
      end(row.key_text, row.seen ? Outcome::kWritten : Outcome::kGone);
      constexpr std::size_t kNamed = 20;
      if (settled++ < kNamed) names += (names.empty() ? "" : "; ") + row.key_text;
    }
    if (settled == 0) return;
    const auto event =
        record_event_sql(plan_.pipeline, "quarantine.settled", "info", table_.source().to_string(),
                         fmt::format("{} quarantined row(s) written from the source: {}", settled, names));
    session_.execute(event.text, event.values);
  }

  void stage(const Piece& piece, Piece& staged) {
    StageRows rows(table_);
    std::vector<sqlserver::BulkColumn> columns;
    for (const auto& column : stage_columns(table_)) columns.push_back({column.name, column.type});
    // One that was rolled back has left its rows: the bulk connection commits by itself.
    bulk_.execute("DELETE FROM " + schema::quote_mssql(table_.stage()) + " WITH (TABLOCK)");
    sqlserver::BulkWriter writer(bulk_, table_.stage(), columns);
    for (auto* row : piece) {
      NetChange change;
      change.op = row->seen ? NetOp::kUpdate : NetOp::kDelete;
      change.old_key = text_fields(row->key);
      if (row->seen) change.row = row->seen->fields();
      try {
        writer.write(rows.encode(0, static_cast<std::int64_t>(staged.size()), change));
        staged.push_back(row);
      } catch (const schema::ValueError& error) {
        end(row->key_text, Outcome::kRefused, error.message());
      }
    }
    writer.finish();
  }

  const RunPlan& plan_;
  const TableBinding& table_;
  StreamPosition& position_;
  std::vector<RetriedRow>& results_;
  std::stop_token stop_;
  postgres::Connection source_;
  sqlserver::Session session_;
  sqlserver::BulkSession bulk_;
  SourceRowFinder finder_;
};

}  // namespace

const char* to_string(RetriedRow::Outcome outcome) {
  switch (outcome) {
    case RetriedRow::Outcome::kWritten:
      return "written";
    case RetriedRow::Outcome::kGone:
      return "gone";
    case RetriedRow::Outcome::kRefused:
      return "refused";
    case RetriedRow::Outcome::kUnfindable:
      return "not found";
    case RetriedRow::Outcome::kChanging:
      return "changing";
  }
  return "refused";
}

std::vector<RetriedRow> retry_quarantined(const RunPlan& plan, const QuarantineFilter& filter, const VerifyHooks& hooks,
                                          const std::stop_token& stop) {
  std::map<std::string, std::set<std::string>> keys;  // by table
  for (const auto& entry : read_quarantine(plan.target, plan.pipeline, filter)) {
    keys[entry.source].insert(entry.key_text);
  }
  std::vector<RetriedRow> results;
  if (keys.empty()) return results;
  sqlserver::Session session(plan.target);
  StreamPosition position(plan, hooks);
  const auto states = sqlserver::read_table_states(session, plan.pipeline);
  for (auto& [source, key_texts] : keys) {
    const auto unfindable = [&](const std::string& key_text, const char* why) {
      results.push_back({source, key_text, Outcome::kUnfindable, why});
    };
    const auto state =
        std::find_if(states.begin(), states.end(), [&](const auto& each) { return each.source.to_string() == source; });
    if (state == states.end() || state->state != "ready") {
      for (const auto& key_text : key_texts) unfindable(key_text, "the table is not loaded");
      continue;
    }
    // A stage of its own: that of a process which runs the pipeline is in use.
    const TableBinding table(plan.pipeline + "/quarantine", parse_shape(state->shape), plan.value_policy,
                             ApplyMode::kNet);
    if (key_texts.erase("") > 0 || table.keyless()) {
      unfindable("", "the table has no key: `millrace verify --repair` finds its rows");
    }
    if (table.keyless() || key_texts.empty()) continue;
    TableRetry(plan, table, position, results, stop).run(key_texts);
  }
  return results;
}

}  // namespace millrace::replication
