#include "replication/verify_target.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "support/error.hpp"

namespace millrace::replication {
namespace {

constexpr std::size_t kMostIdentities = 1000;  // longer IN lists cost the server's compiler dearly
constexpr int kTries = 5;

/// The table's rows with their two hashes, h and v.
std::string hashed_rows(const TableBinding& table) {
  // Without key both are the same: it is computed once.
  if (table.keyless()) {
    return fmt::format("(SELECT k.v AS h, k.v FROM (SELECT {} AS v FROM {} AS t) AS k)", content_sql(table),
                       schema::quote_mssql(table.target()));
  }
  return fmt::format("(SELECT {} AS h, {} AS v FROM {} AS t)", identity_sql(table), content_sql(table),
                     schema::quote_mssql(table.target()));
}

template <typename Number>
std::string list(std::span<const Number> numbers) {
  std::string text;
  for (const auto number : numbers) text += fmt::format("{}{}", text.empty() ? "" : ", ", number);
  return text;
}

RowHash hash_of(const sqlserver::Row& row) {
  return {std::stoll(row.at(0).value()), std::stoll(row.at(1).value())};
}

template <typename Take>
void in_slices(std::span<const std::int64_t> identities, const Take& take) {
  for (std::size_t at = 0; at < identities.size(); at += kMostIdentities) {
    take(identities.subspan(at, std::min(kMostIdentities, identities.size() - at)));
  }
}

}  // namespace

std::string totals_sql(const TableBinding& table, std::uint32_t buckets) {
  return fmt::format(
      "SELECT y.b, COUNT_BIG(*), CONVERT(varchar(40), SUM(CONVERT(decimal(38,0), y.v))) FROM "
      "(SELECT {} AS b, x.v FROM {} AS x) AS y GROUP BY y.b",
      bucket_sql("x.h", buckets), hashed_rows(table));
}

std::string rows_in_sql(const TableBinding& table, std::span<const std::uint32_t> buckets, std::uint32_t bucket_count) {
  return fmt::format("SELECT x.h, x.v FROM {} AS x WHERE {} IN ({})", hashed_rows(table),
                     bucket_sql("x.h", bucket_count), list(buckets));
}

std::string rows_of_sql(const TableBinding& table, std::span<const std::int64_t> identities) {
  return fmt::format("SELECT x.h, x.v FROM {} AS x WHERE x.h IN ({})", hashed_rows(table), list(identities));
}

std::string whole_rows_sql(const TableBinding& table, std::span<const std::int64_t> identities) {
  std::string columns;
  std::string names;
  for (std::size_t i = 0; i < table.columns().size(); ++i) {
    columns += fmt::format(", {} AS c{}", column_hex_sql(table, i), i + 1);
    names += fmt::format(", x.c{}", i + 1);
  }
  return fmt::format("SELECT x.h, x.v{} FROM (SELECT {} AS h, {} AS v{} FROM {} AS t) AS x WHERE x.h IN ({})", names,
                     identity_sql(table), content_sql(table), columns, schema::quote_mssql(table.target()),
                     list(identities));
}

TargetRows::TargetRows(sqlserver::Session& session, const TableBinding& table, bool in_transaction)
    : session_(session), table_(table), in_transaction_(in_transaction) {}

std::vector<sqlserver::Row> TargetRows::query(const std::string& sql) {
  for (int tries = 1;; ++tries) {
    try {
      return session_.query(sql);
    } catch (const Error& error) {
      if (in_transaction_ || error.code() != ErrorCode::kTargetBusy || tries == kTries) throw;
    }
  }
}

BucketTotals TargetRows::totals(std::uint32_t buckets) {
  BucketTotals totals(buckets);
  for (const auto& row : query(totals_sql(table_, buckets))) {
    auto& total = totals.at(static_cast<std::size_t>(std::stoll(row.at(0).value())));
    total.rows = std::stoll(row.at(1).value());
    total.sum = parse_int128(row.at(2).value());
  }
  return totals;
}

void TargetRows::rows_in(std::span<const std::uint32_t> buckets, std::uint32_t bucket_count, const Sink& sink) {
  for (const auto& row : query(rows_in_sql(table_, buckets, bucket_count))) sink(hash_of(row));
}

void TargetRows::rows_of(std::span<const std::int64_t> identities, const Sink& sink) {
  in_slices(identities, [&](std::span<const std::int64_t> some) {
    for (const auto& row : query(rows_of_sql(table_, some))) sink(hash_of(row));
  });
}

std::vector<WholeRow> TargetRows::whole_rows(std::span<const std::int64_t> identities) {
  std::vector<WholeRow> rows;
  in_slices(identities, [&](std::span<const std::int64_t> some) {
    for (const auto& found : query(whole_rows_sql(table_, some))) {
      WholeRow row{.hash = hash_of(found), .values = {}};
      for (std::size_t i = 2; i < found.size(); ++i) {
        row.values.push_back(found[i] ? std::optional(from_hex(*found[i])) : std::nullopt);
      }
      rows.push_back(std::move(row));
    }
  });
  return rows;
}

}  // namespace millrace::replication
