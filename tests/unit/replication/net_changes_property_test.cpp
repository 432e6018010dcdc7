#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <set>

#include "replication/net_changes.hpp"
#include "table_model.hpp"

namespace millrace::replication {
namespace {

using pgoutput::OldTuple;

/// What the source is like.
struct Source {
  const char* name;
  bool full;                ///< REPLICA IDENTITY FULL
  bool deferrable;          ///< the key is checked at the end of a transaction; needs FULL
  std::size_t key_columns;  ///< 1 or 2; the second is a text that may be TOASTed
  bool moves = false;       ///< the copy's rows stay the rows they are, see FoldShape
};

/// A PostgreSQL table with columns key1 [key2] a b, changed by chance, that tells each change as pgoutput does.
class SourceModel {
 public:
  SourceModel(const Source& source, unsigned seed) : source_(source), random_(seed) {}

  void transaction(NetChanges& changes) {
    if (source_.deferrable && pick(3) == 0) return deferred(changes);
    for (unsigned i = 0, count = 1 + pick(6); i < count; ++i) statement(changes);
  }

  std::vector<Values> rows() const {
    auto sorted = rows_;
    std::sort(sorted.begin(), sorted.end());
    return sorted;
  }

 private:
  unsigned pick(unsigned below) { return random_() % below; }
  Values key_of(const Values& row) const {
    return {row.begin(), row.begin() + static_cast<std::ptrdiff_t>(source_.key_columns)};
  }
  bool used(const Values& key) const {
    return std::any_of(rows_.begin(), rows_.end(), [&](const Values& row) { return key_of(row) == key; });
  }
  Values some_key() {
    Values key = {std::to_string(pick(8))};
    if (source_.key_columns > 1) key.push_back(pick(2) == 0 ? "k" : "a key too large for its row");
    return key;
  }
  Values with_key(Values row, const Values& key) {
    std::copy(key.begin(), key.end(), row.begin());
    return row;
  }
  std::string some_value() { return std::string(1, static_cast<char>('a' + pick(3))); }
  /// Few values, so that rows are often equal; long ones stand for TOASTed ones.
  std::string some_large() { return pick(2) == 0 ? some_value() : some_value() + " far too large for its row"; }
  static bool toasted(const std::string& value) { return value.size() > 10; }

  Values with_new_values(Values row) {
    if (pick(2) == 0) row[row.size() - 2] = some_value();
    if (pick(3) == 0) row.back() = some_large();
    return row;
  }

  void insert(NetChanges& changes, const Values& row) {
    rows_.push_back(row);
    changes.insert(as_sent(row, nullptr));
  }

  void remove(NetChanges& changes, std::size_t at) {
    const Values row = rows_[at];
    rows_.erase(rows_.begin() + static_cast<std::ptrdiff_t>(at));
    changes.remove(source_.full ? OldTuple::kFull : OldTuple::kKey, old_tuple(row));
  }

  void update(NetChanges& changes, std::size_t at, const Values& row) {
    const Values old = rows_[at];
    rows_[at] = row;
    // Without FULL the old key is logged when it changes and when a part of it is stored out of line
    // (ExtractReplicaIdentity, heapam.c).
    const Values key = key_of(old);
    const bool has_key = key != key_of(row) || std::any_of(key.begin(), key.end(), toasted);
    const auto kind = source_.full ? OldTuple::kFull : has_key ? OldTuple::kKey : OldTuple::kNone;
    changes.update(kind, old_tuple(old), as_sent(row, &old));
  }

  /// The new tuple: a large value that did not change is not sent.
  pgoutput::Tuple as_sent(const Values& row, const Values* old) {
    pgoutput::Tuple fields;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const bool sent = old == nullptr || !toasted(row[i]) || (*old)[i] != row[i];
      fields.push_back(sent ? pgoutput::Field{pgoutput::FieldKind::kText, keep(row[i])}
                            : pgoutput::Field{pgoutput::FieldKind::kUnchanged, {}});
    }
    return fields;
  }
  pgoutput::Tuple old_tuple(const Values& row) {
    pgoutput::Tuple fields(row.size());
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (source_.full || i < source_.key_columns) fields[i] = {pgoutput::FieldKind::kText, keep(row[i])};
    }
    return fields;
  }
  /// Values live in the message's buffer, which is gone after the call; here they live until the next few.
  std::string_view keep(const std::string& value) {
    kept_.push_back(value);
    if (kept_.size() > 64) kept_.pop_front();
    return kept_.back();
  }

  void statement(NetChanges& changes) {
    const auto kind = pick(10);
    if (rows_.empty() || kind < 3) {
      const Values key = some_key();
      if (used(key)) return;
      Values row = key;
      row.push_back(some_value());
      row.push_back(some_large());
      return insert(changes, row);
    }
    const std::size_t at = pick(static_cast<unsigned>(rows_.size()));
    if (kind == 3) return remove(changes, at);
    if (kind < 7) return update(changes, at, with_new_values(rows_[at]));
    if (kind == 7 && source_.deferrable) return shuffle_keys(changes);
    const Values key = some_key();
    if (!used(key)) update(changes, at, with_new_values(with_key(rows_[at], key)));
  }

  /// UPDATE t SET key = .. that gives the keys of some rows to each other, checked when it ends.
  void shuffle_keys(NetChanges& changes) {
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (pick(2) == 0) places.push_back(i);
    }
    std::vector<Values> keys;
    for (const auto place : places) keys.push_back(key_of(rows_[place]));
    std::shuffle(keys.begin(), keys.end(), random_);
    for (std::size_t i = 0; i < places.size(); ++i) {
      update(changes, places[i], with_new_values(with_key(rows_[places[i]], keys[i])));
    }
  }

  /// A transaction under SET CONSTRAINTS ALL DEFERRED: any number of rows may have one key until it ends.
  void deferred(NetChanges& changes) {
    for (unsigned i = 0, count = 1 + pick(8); i < count; ++i) {
      if (rows_.empty() || pick(4) == 0) {
        Values row = some_key();
        row.push_back(some_value());
        row.push_back(some_large());
        insert(changes, row);
      } else if (pick(5) == 0) {
        remove(changes, pick(static_cast<unsigned>(rows_.size())));
      } else {
        const auto at = pick(static_cast<unsigned>(rows_.size()));
        update(changes, at, with_new_values(with_key(rows_[at], some_key())));
      }
    }
    std::set<Values> keys;
    for (std::size_t at = 0; at < rows_.size();) {
      if (keys.insert(key_of(rows_[at])).second) {
        ++at;
        continue;
      }
      Values key = some_key();
      if (pick(2) == 0 || used(key)) {
        remove(changes, at);
      } else {
        update(changes, at, with_key(rows_[at], key));
      }
    }
  }

  Source source_;
  std::mt19937 random_;
  std::vector<Values> rows_;
  std::deque<std::string> kept_;
};

class Property : public testing::TestWithParam<Source> {};

/// Transactions are folded a few at a time and applied; after each batch the copy is the source. One test runs many
/// tables; MILLRACE_PROPERTY_RUNS asks for more of them.
TEST_P(Property, TheCopyIsTheSourceAfterEachBatch) {
  const char* const more = std::getenv("MILLRACE_PROPERTY_RUNS");
  const unsigned runs = more == nullptr ? 60 : static_cast<unsigned>(std::strtoul(more, nullptr, 10));
  for (unsigned seed = 1; seed <= runs; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SourceModel source(GetParam(), seed);
    CopyModel copy(GetParam().key_columns);
    for (unsigned batch = 0; batch < 12; ++batch) {
      RowStore store;
      std::vector<std::size_t> key = {0};
      if (GetParam().key_columns > 1) key.push_back(1);
      NetChanges changes({"public.t", GetParam().key_columns + 2, key, GetParam().moves}, store);
      for (unsigned i = 0; i < 1 + (seed + batch) % 4; ++i) source.transaction(changes);
      ASSERT_EQ(copy.apply(changes, GetParam().moves), "") << "batch " << batch;
      ASSERT_EQ(copy.rows(), source.rows()) << "batch " << batch;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    NetChanges, Property,
    testing::Values(Source{"Default", false, false, 1}, Source{"DefaultToastableKey", false, false, 2},
                    Source{"Full", true, false, 1}, Source{"FullToastableKey", true, false, 2},
                    Source{"FullDeferrable", true, true, 1}, Source{"FullDeferrableToastableKey", true, true, 2},
                    Source{"DefaultMoves", false, false, 1, true}, Source{"FullDeferrableMoves", true, true, 1, true}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace millrace::replication
