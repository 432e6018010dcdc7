#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "replication/table_binding.hpp"
#include "replication/verify_buckets.hpp"
#include "replication/verify_suspects.hpp"
#include "sqlserver/session.hpp"

namespace millrace::replication {

/// A row with the canonical bytes of each column, in the binding's order; nothing: NULL.
struct WholeRow {
  RowHash hash;
  std::vector<std::optional<std::string>> values;
};

/// Reads a target table by hashes that the server computes. A statement that a deadlock or throttling
/// ended is tried again; the session gives way to others in a deadlock and waits for locks as long as they are held.
/// Not thread-safe.
class TargetRows {
 public:
  /// `by_key`: rows may be sought by key (sought_by_key() holds for the table). `in_transaction`: nothing is tried
  /// again, as the transaction is over then.
  TargetRows(sqlserver::Session& session, const TableBinding& table, bool by_key, bool in_transaction = false);

  BucketTotals totals(std::uint32_t buckets);

  using Sink = std::function<void(const RowHash&)>;
  /// One scan. The keys are empty when rows are not sought by key.
  void rows_in(std::span<const std::uint32_t> buckets, std::uint32_t bucket_count,
               const std::function<void(const RowHash&, RowKey key)>& sink);
  /// The rows of these identities: by key when that can be done, else by a scan for each 1,000 of them.
  void find(const Suspects& wanted, const Sink& sink);
  std::vector<WholeRow> whole_rows(const Suspects& wanted);

 private:
  std::vector<sqlserver::Row> query(const std::string& sql);
  /// Conditions that together find all rows of these identities, each for a statement of its own.
  std::vector<std::string> conditions(const Suspects& wanted) const;

  sqlserver::Session& session_;
  const TableBinding& table_;
  bool by_key_;
  bool in_transaction_;
};

/// The statements: for tests. `condition`: as target_key_sql() or identity_in_sql() gives it.
std::string totals_sql(const TableBinding& table, std::uint32_t buckets);
std::string rows_in_sql(const TableBinding& table, std::span<const std::uint32_t> buckets, std::uint32_t bucket_count,
                        bool with_keys);
std::string rows_sql(const TableBinding& table, const std::string& condition);
std::string whole_rows_sql(const TableBinding& table, const std::string& condition);
std::string identity_in_sql(const TableBinding& table, std::span<const std::int64_t> identities);

}  // namespace millrace::replication
