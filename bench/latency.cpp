#include "latency.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <thread>
#include <vector>

#include "postgres/connection.hpp"
#include "sqlserver/session.hpp"

namespace millrace::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPause{2};
/// One connection, whose commits wait for the disk: faster rates have more rows in each transaction.
constexpr long kTransactionsASecond = 100;

double milliseconds(Clock::duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

/// The commit's moment of each row, by id from 1; grows on one thread, is read by another up to size().
class Commits {
 public:
  explicit Commits(std::size_t most) : times_(most) {}
  void add(std::size_t rows) {
    const auto first = size_.load(std::memory_order_relaxed);
    std::fill_n(times_.begin() + static_cast<std::ptrdiff_t>(first), rows, Clock::now());
    size_.store(first + rows);
  }
  std::size_t size() const { return size_.load(); }
  Clock::time_point operator[](std::size_t i) const { return times_[i]; }

 private:
  std::vector<Clock::time_point> times_;
  std::atomic<std::size_t> size_{0};
};

void write(postgres::Connection& source, const std::string& table, long rate, std::size_t rows, Commits& commits) {
  const auto start = Clock::now();
  const auto together = static_cast<std::size_t>(std::max(1L, rate / kTransactionsASecond));
  const std::chrono::duration<double> between(1.0 / static_cast<double>(rate));
  const std::string sql =
      "INSERT INTO " + table +
      " (id, note) SELECT n, 'written at a steady pace' FROM generate_series($1::bigint, $2::bigint) AS n";
  for (std::size_t i = 0; i < rows; i += together) {
    // Each transaction has its moment, so that a slow one is made up for.
    std::this_thread::sleep_until(start +
                                  std::chrono::duration_cast<Clock::duration>(between * static_cast<double>(i)));
    const auto last = std::min(rows, i + together);
    source.execute(sql, {std::to_string(i + 1), std::to_string(last)});
    commits.add(last - i);
  }
}

double quantile(const std::vector<double>& sorted, double part) {
  if (sorted.empty()) return 0;
  return sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(part * static_cast<double>(sorted.size())))];
}

}  // namespace

std::string commit_to_visible(const SourceEndpoint& source, const TargetEndpoint& target, const Arguments& arguments) {
  const auto rate = arguments.number("rate");
  const auto rows = static_cast<std::size_t>(rate * arguments.number("seconds"));
  const std::chrono::seconds patience(arguments.number("patience"));
  postgres::Connection writer(source);
  sqlserver::Session reader(target);
  const std::string look = "SELECT COALESCE(MAX(id), 0) FROM " + arguments.text("target_table");
  Commits commits(rows);
  std::exception_ptr failure;
  std::atomic<bool> written{false};
  const auto start = Clock::now();
  double write_seconds = 0;
  std::jthread work([&] {
    try {
      write(writer, arguments.text("table"), rate, rows, commits);
    } catch (...) {
      failure = std::current_exception();
    }
    write_seconds = milliseconds(Clock::now() - start) / 1000;
    written = true;
  });
  std::vector<double> latencies;
  std::vector<double> queries;
  auto deadline = Clock::time_point::max();
  while (latencies.size() < rows && Clock::now() < deadline) {
    const auto asked = Clock::now();
    const auto visible = std::stoul(reader.query(look).at(0).at(0).value());
    const auto answered = Clock::now();
    queries.push_back(milliseconds(answered - asked));
    // A row may be seen before its writer has been told that it is committed: then its time is zero, and it is taken
    // at the next look.
    for (auto i = latencies.size(); i < std::min(visible, commits.size()); ++i) {
      latencies.push_back(std::max(0.0, milliseconds(answered - commits[i])));
    }
    if (deadline == Clock::time_point::max() && written) deadline = Clock::now() + patience;
    if (failure && written) break;
    std::this_thread::sleep_for(kPause);
  }
  work.join();
  if (failure) std::rethrow_exception(failure);
  const auto missing = rows - latencies.size();
  std::sort(latencies.begin(), latencies.end());
  std::sort(queries.begin(), queries.end());
  return fmt::format(
      R"({{"rows":{},"missing":{},"rate":{},"reached_rate":{:.1f},"p50_ms":{:.2f},"p90_ms":{:.2f},"p99_ms":{:.2f},)"
      R"("max_ms":{:.2f},"query_p50_ms":{:.2f}}})",
      latencies.size(), missing, rate, static_cast<double>(rows) / write_seconds, quantile(latencies, 0.5),
      quantile(latencies, 0.9), quantile(latencies, 0.99), latencies.empty() ? 0 : latencies.back(),
      quantile(queries, 0.5));
}

}  // namespace millrace::bench
