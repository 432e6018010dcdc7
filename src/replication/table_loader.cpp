#include "replication/table_loader.hpp"

#include <algorithm>
#include <deque>
#include <exception>
#include <optional>
#include <thread>
#include <utility>

#include "pgoutput/copy_decoder.hpp"
#include "pgoutput/long_fields.hpp"
#include "postgres/copy_reader.hpp"
#include "replication/stage_rows.hpp"
#include "schema/cell_encoder.hpp"
#include "support/error.hpp"
#include "support/failpoint.hpp"

namespace millrace::replication {
namespace {

class NullRowWriter : public RowWriter {
 public:
  void write(const std::vector<schema::Cell>&) override {}
  void commit() override {}
  void finish() override {}
};

/// The parts of all tables, given out to the workers.
class Parts {
 public:
  struct Part {
    TableLoad* load = nullptr;
    postgres::TablePart part;
    bool alone = false;
  };

  explicit Parts(std::vector<TableLoad>& loads) {
    for (auto& load : loads) open_.push_back({&load, 0, false, false, 0});
  }

  void add(std::size_t table, std::vector<postgres::TablePart> parts) {
    open_[table].left = static_cast<int>(parts.size());
    for (auto& part : parts) queue_.push_back({open_[table].load, std::move(part), parts.size() == 1});
  }

  std::optional<Part> take() {
    const std::lock_guard lock(mutex_);
    if (failed_ || queue_.empty()) return std::nullopt;
    Part part = std::move(queue_.front());
    queue_.pop_front();
    Open& table = find(part.load);
    // Under the lock: the first worker empties the target before any other may write into it.
    if (!std::exchange(table.prepared, true) && part.load->prepare) part.load->prepare();
    return part;
  }

  /// True when this was the table's last part.
  bool finish(const Part& part, std::int64_t rows) {
    const std::lock_guard lock(mutex_);
    Open& table = find(part.load);
    table.rows += rows;
    return --table.left == 0;
  }

  std::int64_t rows(const TableLoad* load) {
    const std::lock_guard lock(mutex_);
    return find(load).rows;
  }

  void fail(std::exception_ptr error) {
    const std::lock_guard lock(mutex_);
    if (!failed_) failed_ = std::move(error);
  }
  std::exception_ptr failure() {
    const std::lock_guard lock(mutex_);
    return failed_;
  }

 private:
  struct Open {
    TableLoad* load = nullptr;
    int left = 0;
    bool prepared = false;
    bool done = false;
    std::int64_t rows = 0;
  };
  Open& find(const TableLoad* load) {
    return *std::find_if(open_.begin(), open_.end(), [&](const Open& open) { return open.load == load; });
  }

  std::mutex mutex_;
  std::vector<Open> open_;
  std::deque<Part> queue_;
  std::exception_ptr failed_;
};

/// False: the row was put aside.
bool encode_row(const TableLoad& load, const pgoutput::Tuple& row, std::vector<schema::Cell>& cells,
                LongValues long_values) {
  try {
    for (std::size_t i = 0; i < row.size(); ++i) encode_field(*load.table, i, row[i], cells[i], long_values);
    return true;
  } catch (const schema::ValueError& error) {
    if (!load.unfit) throw;
    load.unfit(row, error);
    return false;
  }
}

/// What one worker has moved since it last told the counters, which all workers of a table share: told a row at a time
/// they would cost more than the row.
class Untold {
 public:
  explicit Untold(LoadCounters& counters) : counters_(counters) {}
  ~Untold() { tell(); }
  Untold(const Untold&) = delete;
  Untold& operator=(const Untold&) = delete;

  void add(std::int64_t rows, std::size_t bytes) {
    rows_ += rows;
    bytes_ += static_cast<std::int64_t>(bytes);
    if (bytes_ >= kEnough) tell();
  }

 private:
  static constexpr std::int64_t kEnough = 64 << 10;

  void tell() {
    counters_.rows.fetch_add(rows_, std::memory_order_relaxed);
    counters_.bytes.fetch_add(bytes_, std::memory_order_relaxed);
    rows_ = bytes_ = 0;
  }

  LoadCounters& counters_;
  std::int64_t rows_ = 0;
  std::int64_t bytes_ = 0;
};

std::int64_t copy_part(postgres::Connection& source, const std::string& snapshot, const Parts::Part& part,
                       RowWriter& writer, const LoadOptions& options, const std::stop_token& stop) {
  const TableBinding& table = *part.load->table;
  std::vector<std::string> expressions;
  std::vector<schema::WireFormat> formats;
  for (const auto& column : table.columns()) {
    const auto text = part.load->texts.find(expressions.size());
    const bool own = text == part.load->texts.end();
    expressions.push_back(own ? schema::copy_expression(column.mapping) : text->second);
    formats.push_back(own ? schema::copy_format(column.mapping) : schema::WireFormat::kText);
  }
  postgres::CopyReader reader(source, part.part, expressions, snapshot, true, {}, options.spill_dir);
  pgoutput::CopyDecoder decoder(expressions.size());
  pgoutput::Tuple row;
  std::vector<schema::Cell> cells(expressions.size());
  std::int64_t rows = 0;
  std::size_t uncommitted = 0;
  Untold untold(*part.load->counters);
  while (const auto chunk = reader.next(stop)) {
    decoder.feed(chunk->view);
    std::int64_t fresh = 0;
    while (decoder.next(row)) {
      for (std::size_t i = 0; i < row.size(); ++i) {
        if (row[i].kind == pgoutput::FieldKind::kBinary && formats[i] == schema::WireFormat::kText) {
          row[i].kind = pgoutput::FieldKind::kText;
        }
      }
      pgoutput::mark_long_fields(row, chunk->mapped);
      if (!encode_row(*part.load, row, cells, writer.long_values())) continue;
      hit(Failpoint::kLoadRow);
      writer.write(cells);
      ++fresh;
    }
    rows += fresh;
    untold.add(fresh, chunk->view.size());
    uncommitted += chunk->view.size();
    if (uncommitted >= options.commit_bytes) {
      if (options.committing) options.committing();
      writer.commit();
      uncommitted = 0;
    }
  }
  if (!decoder.finished()) {
    throw Error(ErrorCode::kSourceUnreachable, "The copy of a table was cut off.",
                {.table = table.source().to_string()});
  }
  if (options.committing) options.committing();
  writer.finish();
  return rows;
}

void work(const SourceEndpoint& endpoint, const std::string& snapshot, Parts& parts, const RowWriterFactory& writers,
          const LoadOptions& options, const std::stop_token& stop) {
  try {
    // One for all parts: signing in takes longer than copying a small table.
    std::optional<postgres::Connection> source;
    while (auto part = parts.take()) {
      if (!source) source.emplace(endpoint);
      const auto writer = writers(*part->load->table, part->alone);
      const auto rows = copy_part(*source, snapshot, *part, *writer, options, stop);
      if (parts.finish(*part, rows) && part->load->finished) part->load->finished(parts.rows(part->load));
    }
  } catch (...) {
    parts.fail(std::current_exception());
  }
}

}  // namespace

RowWriterFactory null_row_writers() {
  return [](const TableBinding&, bool) -> std::unique_ptr<RowWriter> { return std::make_unique<NullRowWriter>(); };
}

void load_tables(const SourceEndpoint& source, const std::string& snapshot, std::vector<TableLoad>& loads,
                 const RowWriterFactory& writers, const LoadOptions& options, const std::stop_token& stop) {
  Parts parts(loads);
  {
    postgres::Connection connection(source);
    for (std::size_t i = 0; i < loads.size(); ++i) {
      parts.add(i, postgres::split_table(connection, loads[i].table->source(), options.workers));
    }
  }
  // One worker's failure ends the others: their stop comes from either side.
  std::stop_source any;
  const std::stop_callback forward(stop, [&] { any.request_stop(); });
  {
    std::vector<std::jthread> workers;
    for (int i = 0; i < std::max(1, options.workers); ++i) {
      workers.emplace_back([&] {
        work(source, snapshot, parts, writers, options, any.get_token());
        if (parts.failure()) any.request_stop();
      });
    }
  }
  if (const auto failure = parts.failure()) std::rethrow_exception(failure);
  if (stop.stop_requested()) throw Error(ErrorCode::kInterrupted, "The load was stopped.");
}

}  // namespace millrace::replication
