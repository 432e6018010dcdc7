#include "replication/net_changes.hpp"

#include <algorithm>

#include "support/error.hpp"

namespace millrace::replication {

using pgoutput::Field;
using pgoutput::FieldKind;
using pgoutput::OldTuple;
using pgoutput::Tuple;

std::string NetChanges::key_of(const Tuple& row) const {
  std::string key;
  for (const auto position : shape_.key) append_field(key, row.at(position));
  return key;
}

std::string NetChanges::origin_key(const Entry& entry) const {
  store_.read(entry.origin, scratch_);
  std::string key;
  for (const auto& field : scratch_) append_field(key, field);
  return key;
}

/// The target has a row of this key that is to go: it becomes the new one.
bool NetChanges::revive(const std::string& key, const Tuple& row) {
  const auto gone = gone_.find(key);
  if (gone == gone_.end()) return false;
  Entry& entry = entries_[gone->second];
  entry.row = store_.add(row);
  entry.moved = false;
  entry.complete = true;
  entry.transaction = transaction_;
  by_key_.emplace(key, gone->second);
  gone_.erase(gone);
  return true;
}

RowStore::Offset NetChanges::store_key(const Tuple& row) {
  key_fields_.clear();
  for (const auto position : shape_.key) key_fields_.push_back(row.at(position));
  return store_.add(key_fields_);
}

bool NetChanges::same_row(const Entry& entry, const Tuple& old) const {
  store_.read(entry.row, scratch_);
  for (std::size_t i = 0; i < scratch_.size() && i < old.size(); ++i) {
    const bool unknown = scratch_[i].kind == FieldKind::kUnchanged || old[i].kind == FieldKind::kUnchanged;
    if (!unknown && (scratch_[i].kind != old[i].kind || scratch_[i].value != old[i].value)) return false;
  }
  return true;
}

bool NetChanges::take(const std::string& key, OldTuple old_kind, const Tuple& old, EntryIndex& found) {
  const auto [begin, end] = by_key_.equal_range(key);
  for (auto at = begin; at != end; ++at) {
    // Only a whole old row tells which of two rows with one key is meant.
    if (old_kind == OldTuple::kFull && !same_row(entries_[at->second], old)) continue;
    found = at->second;
    by_key_.erase(at);
    return true;
  }
  return false;
}

void NetChanges::insert(const Tuple& row) {
  ++changes_;
  std::string key = key_of(row);
  key_bytes_ += key.size();
  if (revive(key, row)) return;
  by_key_.emplace(std::move(key), static_cast<EntryIndex>(entries_.size()));
  entries_.push_back({.row = store_.add(row), .transaction = transaction_});
}

void NetChanges::update(OldTuple old_kind, const Tuple& old, const Tuple& row) {
  ++changes_;
  const bool has_old = old_kind != OldTuple::kNone;
  merged_ = row;
  // Under FULL the old row has what the new one leaves out; under a key-only old row only the key's fields are real.
  for (std::size_t i = 0; i < merged_.size(); ++i) {
    if (merged_[i].kind != FieldKind::kUnchanged || !has_old) continue;
    const bool sent =
        old_kind == OldTuple::kFull || std::find(shape_.key.begin(), shape_.key.end(), i) != shape_.key.end();
    if (sent && old.at(i).kind != FieldKind::kUnchanged) merged_[i] = old[i];
  }
  for (const auto position : shape_.key) {
    if (merged_.at(position).kind == FieldKind::kUnchanged) {
      throw Error(ErrorCode::kTableUnsupported,
                  "A large value in a key column was not sent with an update: the row cannot be told.",
                  {.table = shape_.table})
          .suggest("Set REPLICA IDENTITY FULL on the source table.");
    }
  }
  const Tuple& before = has_old ? old : merged_;
  const std::string old_key = key_of(before);
  std::string new_key = key_of(merged_);

  EntryIndex index = 0;
  bool moved = old_key != new_key;
  if (take(old_key, old_kind, before, index)) {
    // Read before the merged row is added: adding moves the store's memory.
    store_.read(entries_[index].row, scratch_);
    for (std::size_t i = 0; i < merged_.size(); ++i) {
      if (merged_[i].kind == FieldKind::kUnchanged) merged_[i] = scratch_.at(i);
    }
    // The fields may point into the store itself, which adding may move.
    std::string copy;
    std::vector<std::pair<std::size_t, std::size_t>> places;
    for (const auto& field : merged_) {
      places.emplace_back(copy.size(), field.value.size());
      copy.append(field.value);
    }
    for (std::size_t i = 0; i < merged_.size(); ++i) {
      merged_[i].value = std::string_view(copy).substr(places[i].first, places[i].second);
    }
    entries_[index].row = store_.add(merged_);
    if (entries_[index].origin != RowStore::kNone) moved = origin_key(entries_[index]) != new_key;
  } else {
    index = static_cast<EntryIndex>(entries_.size());
    const auto origin = store_key(before);
    entries_.push_back({.origin = origin, .row = store_.add(merged_)});
  }
  Entry& entry = entries_[index];
  entry.transaction = transaction_;
  entry.complete = std::none_of(merged_.begin(), merged_.end(),
                                [](const Field& field) { return field.kind == FieldKind::kUnchanged; });
  entry.moved = entry.origin != RowStore::kNone && moved;
  key_bytes_ += new_key.size();
  by_key_.emplace(std::move(new_key), index);
}

void NetChanges::remove(OldTuple old_kind, const Tuple& old) {
  ++changes_;
  EntryIndex index = 0;
  if (take(key_of(old), old_kind, old, index)) {
    entries_[index].row = RowStore::kNone;
    entries_[index].transaction = transaction_;
  } else {
    index = static_cast<EntryIndex>(entries_.size());
    const auto origin = store_key(old);
    entries_.push_back({.origin = origin, .transaction = transaction_});
  }
  if (shape_.moves && entries_[index].origin != RowStore::kNone) gone_.emplace(origin_key(entries_[index]), index);
}

NetOp NetChanges::op_of(const Entry& entry) const {
  if (entry.origin == RowStore::kNone) return NetOp::kInsert;
  if (entry.row == RowStore::kNone) return NetOp::kDelete;
  if (!entry.moved) return NetOp::kUpdate;
  return entry.complete && !shape_.moves ? NetOp::kReplace : NetOp::kMove;
}

void NetChanges::for_each(const std::function<void(const NetChange&)>& visit) const {
  NetChange change;
  for (const auto& entry : entries_) {
    if (!lives(entry)) continue;
    change.op = op_of(entry);
    change.old_key.clear();
    change.row.clear();
    change.transaction = entry.transaction;
    if (entry.origin != RowStore::kNone) store_.read(entry.origin, change.old_key);
    if (entry.row != RowStore::kNone) store_.read(entry.row, change.row);
    visit(change);
  }
}

std::size_t NetChanges::count(NetOp op) const {
  return static_cast<std::size_t>(std::count_if(
      entries_.begin(), entries_.end(), [&](const Entry& entry) { return lives(entry) && op_of(entry) == op; }));
}

std::size_t NetChanges::bytes() const {
  constexpr std::size_t kPerEntry = sizeof(Entry) + sizeof(std::string) + 48;
  return entries_.size() * kPerEntry + key_bytes_;
}

}  // namespace millrace::replication
