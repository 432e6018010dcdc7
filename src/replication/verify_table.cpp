#include "replication/verify_table.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

#include "support/error.hpp"

namespace millrace::replication {
namespace {

constexpr int kLooks = 6;
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
      source_(plan.source, table, std::min(plan.load_workers, kMostWorkers)),
      target_(target, table),
      stop_(std::move(stop)) {}

BucketTotals TableComparison::source_totals(std::uint32_t buckets) {
  std::vector<BucketTotals> parts(source_.workers(), BucketTotals(buckets));
  Lsn place;
  source_.scan(
      false, [&] { place = position_.mark(); },
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

template <typename Wanted>
void TableComparison::read_source(Suspects& into, const Wanted& wanted) {
  Lsn place;
  std::mutex mutex;
  source_.scan(
      true, [&] { place = position_.mark(); },
      [&](std::size_t, const ScannedRow& row) {
        if (!wanted(row.hash.identity)) return;
        const std::lock_guard lock(mutex);
        auto& print = into[row.hash.identity].source;
        print.add(row.hash);
        print.version += row.version;
        if (row.unfit) ++print.unfit;
      },
      stop_);
  position_.wait(place, stop_);
}

Suspects TableComparison::look(const std::vector<std::uint32_t>& group, std::uint32_t buckets) {
  std::vector<bool> wanted(buckets);
  for (const auto bucket : group) wanted[bucket] = true;
  Suspects rows;
  read_source(rows, [&](std::int64_t identity) { return wanted[bucket_of(identity, buckets)]; });
  target_.rows_in(group, buckets, [&](const RowHash& hash) { rows[hash.identity].target.add(hash); });
  std::erase_if(rows, [](const auto& row) { return row.second.source.same_content(row.second.target); });
  return rows;
}

Suspects TableComparison::look_again(const Suspects& before) {
  Suspects rows;
  std::vector<std::int64_t> identities;
  for (const auto& row : before) {
    rows[row.first] = {};  // also those that no side has any more are judged
    identities.push_back(row.first);
  }
  read_source(rows, [&](std::int64_t identity) { return before.contains(identity); });
  target_.rows_of(identities, [&](const RowHash& hash) { rows[hash.identity].target.add(hash); });
  return rows;
}

void TableComparison::settle(Suspects suspects, TableVerdict& verdict, const Found& found) {
  Suspects different;
  for (int looks = 1; looks < kLooks && !suspects.empty(); ++looks) {
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
