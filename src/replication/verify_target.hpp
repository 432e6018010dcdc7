#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "replication/table_binding.hpp"
#include "replication/verify_buckets.hpp"
#include "replication/verify_hash.hpp"
#include "sqlserver/session.hpp"

namespace millrace::replication {

/// A row with the canonical bytes of each column, in the binding's order; nothing: NULL.
struct WholeRow {
  RowHash hash;
  std::vector<std::optional<std::string>> values;
};

/// Reads a target table by hashes that the server computes: one scan a call. A statement that a deadlock or throttling
/// ended is tried again; the session gives way to others in a deadlock and waits for locks as long as they are held.
/// Not thread-safe.
class TargetRows {
 public:
  /// `in_transaction`: nothing is tried again, as the transaction is over then.
  TargetRows(sqlserver::Session& session, const TableBinding& table, bool in_transaction = false);

  BucketTotals totals(std::uint32_t buckets);

  using Sink = std::function<void(const RowHash&)>;
  void rows_in(std::span<const std::uint32_t> buckets, std::uint32_t bucket_count, const Sink& sink);
  /// The rows with one of these identities; at most 1,000 identities are asked for at once, each time by a scan.
  void rows_of(std::span<const std::int64_t> identities, const Sink& sink);
  std::vector<WholeRow> whole_rows(std::span<const std::int64_t> identities);

 private:
  std::vector<sqlserver::Row> query(const std::string& sql);

  sqlserver::Session& session_;
  const TableBinding& table_;
  bool in_transaction_;
};

/// The statements: for tests.
std::string totals_sql(const TableBinding& table, std::uint32_t buckets);
std::string rows_in_sql(const TableBinding& table, std::span<const std::uint32_t> buckets, std::uint32_t bucket_count);
std::string rows_of_sql(const TableBinding& table, std::span<const std::int64_t> identities);
std::string whole_rows_sql(const TableBinding& table, std::span<const std::int64_t> identities);

}  // namespace millrace::replication
