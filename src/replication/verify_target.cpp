#include "replication/verify_target.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "replication/verify_keys.hpp"
#include "support/error.hpp"

namespace millrace::replication {
namespace {

constexpr std::size_t kMostIdentities = 1000;  // longer IN lists cost the server's compiler dearly
constexpr std::size_t kMostKeys = 200;
constexpr int kReadTries = 5;

/// The table's rows with their two hashes, h and v.
std::string hashed_rows(const TableBinding& table, const std::string& more = {}, const std::string& condition = {}) {
  const auto from = schema::quote_mssql(table.target()) + " AS t" + (condition.empty() ? "" : " WHERE " + condition);
  // Without key both are the same: it is computed once.
  if (table.keyless() && more.empty() && condition.empty()) {
    return fmt::format("(SELECT k.v AS h, k.v FROM (SELECT {} AS v FROM {}) AS k)", content_sql(table), from);
  }
  return fmt::format("(SELECT {} AS h, {} AS v{} FROM {})", identity_sql(table), content_sql(table), more, from);
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

std::optional<std::string> bytes_of(const std::optional<std::string>& hex) {
  return hex ? std::optional(from_hex(*hex)) : std::nullopt;
}

}  // namespace

std::string totals_sql(const TableBinding& table, std::uint32_t buckets) {
  return fmt::format(
      "SELECT y.b, COUNT_BIG(*), CONVERT(varchar(40), SUM(CONVERT(decimal(38,0), y.v))) FROM "
      "(SELECT {} AS b, x.v FROM {} AS x) AS y GROUP BY y.b",
      bucket_sql("x.h", buckets), hashed_rows(table));
}

std::string rows_in_sql(const TableBinding& table, std::span<const std::uint32_t> buckets, std::uint32_t bucket_count,
                        bool with_keys) {
  std::string columns;
  std::string names;
  for (std::size_t i = 0; with_keys && i < table.key().size(); ++i) {
    columns += fmt::format(", {} AS k{}", column_hex_sql(table, table.key()[i]), i + 1);
    names += fmt::format(", x.k{}", i + 1);
  }
  return fmt::format("SELECT x.h, x.v{} FROM {} AS x WHERE {} IN ({})", names, hashed_rows(table, columns),
                     bucket_sql("x.h", bucket_count), list(buckets));
}

std::string identity_in_sql(const TableBinding& table, std::span<const std::int64_t> identities) {
  return fmt::format("{} IN ({})", identity_sql(table), list(identities));
}

std::string rows_sql(const TableBinding& table, const std::string& condition) {
  return fmt::format("SELECT x.h, x.v FROM {} AS x", hashed_rows(table, {}, condition));
}

std::string whole_rows_sql(const TableBinding& table, const std::string& condition) {
  std::string columns;
  std::string names;
  for (std::size_t i = 0; i < table.columns().size(); ++i) {
    columns += fmt::format(", {} AS c{}", column_hex_sql(table, i), i + 1);
    names += fmt::format(", x.c{}", i + 1);
  }
  return fmt::format("SELECT x.h, x.v{} FROM {} AS x", names, hashed_rows(table, columns, condition));
}

TargetRows::TargetRows(sqlserver::Session& session, const TableBinding& table, bool by_key, bool in_transaction)
    : session_(session), table_(table), by_key_(by_key), in_transaction_(in_transaction) {}

std::vector<sqlserver::Row> TargetRows::query(const std::string& sql) {
  for (int tries = 1;; ++tries) {
    try {
      return session_.query(sql);
    } catch (const Error& error) {
      if (in_transaction_ || error.code() != ErrorCode::kTargetBusy || tries == kReadTries) throw;
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

void TargetRows::rows_in(std::span<const std::uint32_t> buckets, std::uint32_t bucket_count,
                         const std::function<void(const RowHash&, RowKey key)>& sink) {
  for (const auto& row : query(rows_in_sql(table_, buckets, bucket_count, by_key_))) {
    RowKey key;
    for (std::size_t i = 2; i < row.size(); ++i) key.push_back(bytes_of(row[i]));
    sink(hash_of(row), std::move(key));
  }
}

std::vector<std::string> TargetRows::conditions(const Suspects& wanted) const {
  std::vector<const RowKey*> keys;
  std::vector<std::int64_t> identities;
  for (const auto& [identity, suspect] : wanted) {
    if (by_key_ && !suspect.key.empty()) {
      keys.push_back(&suspect.key);
    } else {
      identities.push_back(identity);
    }
  }
  std::vector<std::string> list;
  for (std::size_t at = 0; at < keys.size(); at += kMostKeys) {
    list.push_back(target_key_sql(table_, std::span(keys).subspan(at, std::min(kMostKeys, keys.size() - at))));
  }
  for (std::size_t at = 0; at < identities.size(); at += kMostIdentities) {
    list.push_back(
        identity_in_sql(table_, std::span(identities).subspan(at, std::min(kMostIdentities, identities.size() - at))));
  }
  return list;
}

void TargetRows::find(const Suspects& wanted, const Sink& sink) {
  for (const auto& condition : conditions(wanted)) {
    for (const auto& row : query(rows_sql(table_, condition))) {
      if (const auto hash = hash_of(row); wanted.contains(hash.identity)) sink(hash);
    }
  }
}

std::vector<WholeRow> TargetRows::whole_rows(const Suspects& wanted) {
  std::vector<WholeRow> rows;
  for (const auto& condition : conditions(wanted)) {
    for (const auto& found : query(whole_rows_sql(table_, condition))) {
      WholeRow row{.hash = hash_of(found), .values = {}};
      if (!wanted.contains(row.hash.identity)) continue;
      for (std::size_t i = 2; i < found.size(); ++i) row.values.push_back(bytes_of(found[i]));
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

}  // namespace millrace::replication
