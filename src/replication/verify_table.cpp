#include "replication/verify_table.hpp"

#include <algorithm>
#include <utility>

#include "replication/verify_keys.hpp"

namespace millrace::replication {
namespace {

constexpr int kVerifyLooks = 6;
constexpr int kMostWorkers = 4;

}  // namespace

Finding judge(const Suspect& before, const Suspect& now) {
  if (now.source.same_content(now.target) && now.source.unfit == 0) return Finding::kEqual;
  const bool steady = before.source == now.source && before.target == now.target;
  return steady ? Finding::kDifferent : Finding::kChanging;
}

TableComparison::TableComparison(const RunPlan& plan, const TableBinding& table, StreamPosition& position,
                                 sqlserver::Session& target, std::stop_token stop)
    : table_(table),
      position_(position),
      by_key_(sought_by_key(table, plan.value_policy)),
      source_(plan.source, table, std::min(plan.load_workers, kMostWorkers), by_key_),
      target_(target, table, by_key_),
      stop_(std::move(stop)) {}

BucketTotals TableComparison::source_totals(std::uint32_t buckets) {
  std::vector<BucketTotals> parts(source_.workers(), BucketTotals(buckets));
  Lsn place;
  source_.scan(
      false, [&](const std::string& snapshot) { place = position_.mark(snapshot); },
      [&](std::size_t worker, const ScannedRow& row) {
        auto& total = parts[worker][bucket_of(row.hash.identity, buckets)];
        ++total.rows;
        total.sum += row.hash.content;
      },
      stop_);
  for (std::size_t worker = 1; worker < parts.size(); ++worker) {
    for (std::uint32_t bucket = 0; bucket < buckets; ++bucket) {
      parts[0][bucket].rows += parts[worker][bucket].rows;
      parts[0][bucket].sum += parts[worker][bucket].sum;
    }
  }
  position_.wait(place, stop_);
  return std::move(parts[0]);
}

ScanSink TableComparison::add_to(Suspects& rows) {
  return [this, &rows](std::size_t, const ScannedRow& row) {
    const std::lock_guard lock(mutex_);
    auto& suspect = rows[row.hash.identity];
    suspect.source.add(row.hash);
    suspect.source.version += row.version;
    if (row.unfit) ++suspect.source.unfit;
    if (by_key_ && suspect.key.empty()) suspect.key = key_of(table_, row.cells);
  };
}

Suspects TableComparison::look(const std::vector<std::uint32_t>& group, std::uint32_t buckets) {
  std::vector<bool> wanted(buckets);
  for (const auto bucket : group) wanted[bucket] = true;
  Suspects rows;
  Lsn place;
  source_.scan(
      true, [&](const std::string& snapshot) { place = position_.mark(snapshot); },
      [&, add = add_to(rows)](std::size_t worker, const ScannedRow& row) {
        if (wanted[bucket_of(row.hash.identity, buckets)]) add(worker, row);
      },
      stop_);
  position_.wait(place, stop_);
  target_.rows_in(group, buckets, [&](const RowHash& hash, RowKey key) {
    auto& suspect = rows[hash.identity];
    suspect.target.add(hash);
    if (suspect.key.empty()) suspect.key = std::move(key);
  });
  std::erase_if(rows, [](const auto& row) { return row.second.source.same_content(row.second.target); });
  return rows;
}

Suspects TableComparison::look_again(const Suspects& before) {
  Suspects rows;
  // Also those that no side has any more are judged.
  for (const auto& [identity, suspect] : before) rows[identity].key = suspect.key;
  Lsn place;
  source_.find(
      before, [&](const std::string& snapshot) { place = position_.mark(snapshot); }, add_to(rows), stop_);
  position_.wait(place, stop_);
  target_.find(before, [&](const RowHash& hash) { rows[hash.identity].target.add(hash); });
  return rows;
}

void TableComparison::settle(Suspects suspects, TableVerdict& verdict, const Found& found) {
  Suspects different;
  for (int looks = 1; looks < kVerifyLooks && !suspects.empty(); ++looks) {
    auto now = look_again(suspects);
    std::erase_if(now, [&](const auto& row) {
      const auto finding = judge(suspects.at(row.first), row.second);
      if (finding == Finding::kDifferent) different.insert(row);
      return finding != Finding::kChanging;
    });
    suspects = std::move(now);
  }
  verdict.still_changing += static_cast<std::int64_t>(suspects.size());
  for (const auto& [identity, suspect] : different) {
    const auto surplus = suspect.source.rows - suspect.target.rows;
    if (surplus > 0) verdict.missing += surplus;
    if (surplus < 0) verdict.extra -= surplus;
    if (surplus == 0) ++verdict.different;
  }
  if (!different.empty()) found(different);
}

void TableComparison::compare(std::int64_t estimated_rows, TableVerdict& verdict, const Found& found) {
  const auto buckets = bucket_count(estimated_rows);
  const auto source = source_totals(buckets);
  const auto target = target_.totals(buckets);
  for (std::uint32_t bucket = 0; bucket < buckets; ++bucket) {
    verdict.source_rows += source[bucket].rows;
    verdict.target_rows += target[bucket].rows;
  }
  for (const auto& group : differing_groups(source, target)) settle(look(group, buckets), verdict, found);
}

}  // namespace millrace::replication
