#include "replication/schema_diff.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "replication/relation_types.hpp"
#include "support/error.hpp"

namespace millrace::replication {
namespace {

using pgoutput::Relation;
using pgoutput::RelationColumn;

/// A column that the shape knows, carried or left out.
struct Known {
  int attnum = 0;
  std::string name;
  const schema::ColumnMapping* mapping = nullptr;  ///< none: left out
};

constexpr int kUnknown = 0;
constexpr int kPassing = -1;  ///< came and is gone again

class Differ {
 public:
  Differ(const TableShape& shape, const Relation& relation, const std::vector<LiveColumn>& live,
         const DescribeColumn& describe, bool judges_names)
      : shape_(shape), relation_(relation), live_(live), describe_(describe), judges_names_(judges_names) {
    for (const auto& mapping : shape.plan.columns)
      known_.push_back({mapping.source.attnum, mapping.source.name, &mapping});
    for (const auto& name : shape.plan.left_out) {
      const auto* column = shape.plan.source.find_column(name);
      known_.push_back({column == nullptr ? kUnknown : column->attnum, name, nullptr});
    }
    std::sort(known_.begin(), known_.end(),
              [](const Known& one, const Known& other) { return one.attnum < other.attnum; });
  }

  std::vector<SchemaChange> run() {
    if (same_names()) {
      for (const auto& column : relation_.columns) numbers_.push_back(by_name(column.name)->attnum);
      if (judges_names_) check_reborn();
    } else {
      number_columns();
    }
    drops();
    renames();
    additions();
    types();
    not_null();
    key();
    return std::move(changes_);
  }

 private:
  const Known* by_name(std::string_view name) const {
    const auto found =
        std::find_if(known_.begin(), known_.end(), [&](const Known& known) { return known.name == name; });
    return found == known_.end() ? nullptr : &*found;
  }
  const Known* by_number(int attnum) const {
    if (attnum <= 0) return nullptr;
    const auto found =
        std::find_if(known_.begin(), known_.end(), [&](const Known& known) { return known.attnum == attnum; });
    return found == known_.end() ? nullptr : &*found;
  }
  const LiveColumn* live_by_name(std::string_view name) const {
    const auto found =
        std::find_if(live_.begin(), live_.end(), [&](const LiveColumn& column) { return column.name == name; });
    return found == live_.end() ? nullptr : &*found;
  }
  const LiveColumn* live_by_number(int attnum) const {
    const auto found =
        std::find_if(live_.begin(), live_.end(), [&](const LiveColumn& column) { return column.attnum == attnum; });
    return found == live_.end() ? nullptr : &*found;
  }
  std::string_view name_of(int attnum) const {
    for (std::size_t i = 0; i < numbers_.size(); ++i) {
      if (numbers_[i] == attnum) return relation_.columns[i].name;
    }
    return {};
  }
  bool claimed(int attnum) const { return std::find(numbers_.begin(), numbers_.end(), attnum) != numbers_.end(); }

  /// Every carried column is there, in the order of its number, and no other but those that are left out.
  bool same_names() const {
    int last = 0;
    std::size_t carried = 0;
    for (const auto& column : relation_.columns) {
      const Known* known = by_name(column.name);
      if (known == nullptr) return false;
      if (known->mapping == nullptr) {
        // A name that came and went once is there again, as a column that stays.
        if (known->attnum == kUnknown && live_by_name(column.name) != nullptr) return false;
        continue;
      }
      if (known->attnum < last) return false;
      last = known->attnum;
      ++carried;
    }
    return carried == shape_.plan.columns.size();
  }

  [[noreturn]] void untold(const std::string& column, const std::string& message) const {
    throw Error(ErrorCode::kRowsUntold, message, {.table = shape_.plan.source.name.to_string(), .column = column});
  }

  /// The same name with another number: the column was dropped and made anew, with other values in every row.
  void check_reborn() const {
    for (const auto& known : known_) {
      const auto* now = live_by_name(known.name);
      if (known.mapping == nullptr || known.attnum <= 0 || now == nullptr || now->attnum == known.attnum) continue;
      // Another column that is known took the name, or this one has another: a later change, which the stream will
      // tell.
      if (live_by_number(known.attnum) != nullptr || by_number(now->attnum) != nullptr) continue;
      untold(known.name, "A column was dropped and another one of its name was added.");
    }
  }

  bool increasing() const {
    int last = 0;
    for (const int number : numbers_) {
      if (number <= 0) continue;
      if (number <= last) return false;
      last = number;
    }
    return true;
  }

  /// Gives each of the relation's columns its attnum. pgoutput sends columns in the order of their numbers.
  void number_columns() {
    numbers_.assign(relation_.columns.size(), kUnknown);
    number_from_live();
    // The catalog has gone on since: its names are those of a later moment.
    if (!increasing()) std::fill(numbers_.begin(), numbers_.end(), kUnknown);
    number_from_shape();
    if (!complete()) {
      // It may be ahead and in order still: a name that it gives to one column may be another's yet.
      const auto by_catalog = std::exchange(numbers_, std::vector<int>(relation_.columns.size(), kUnknown));
      number_from_shape();
      number_from_live();
      if (!complete() || !increasing()) numbers_ = by_catalog;
    }
    for (std::size_t i = 0; i < numbers_.size(); ++i) {
      if (numbers_[i] == kUnknown && !left_out(relation_.columns[i].name)) number_by_place(i);
    }
  }

  bool left_out(std::string_view name) const {
    const Known* known = by_name(name);
    return known != nullptr && known->mapping == nullptr;
  }

  bool complete() const { return !claimed(kUnknown); }

  void number_from_live() {
    for (std::size_t i = 0; i < numbers_.size(); ++i) {
      const auto* now = live_by_name(relation_.columns[i].name);
      if (numbers_[i] == kUnknown && now != nullptr && !claimed(now->attnum)) numbers_[i] = now->attnum;
    }
  }

  void number_from_shape() {
    for (std::size_t i = 0; i < numbers_.size(); ++i) {
      const Known* known = by_name(relation_.columns[i].name);
      if (numbers_[i] != kUnknown || known == nullptr || claimed(known->attnum)) continue;
      numbers_[i] = known->attnum;
      if (!increasing()) numbers_[i] = kUnknown;
    }
  }

  std::pair<int, int> gap(std::size_t i) const {
    int low = 0;
    int high = 1 << 30;
    for (std::size_t j = 0; j < i; ++j) low = std::max(low, numbers_[j]);
    for (std::size_t j = numbers_.size(); j-- > i + 1;) {
      if (numbers_[j] > 0) high = std::min(high, numbers_[j]);
    }
    return {low, high};
  }

  /// A name that neither the shape nor the catalog knows: it lies between its neighbours, and what has another name
  /// today may have had this one.
  void number_by_place(std::size_t i) {
    const auto& column = relation_.columns[i];
    const auto [low, high] = gap(i);
    if (high - low == 2) {  // no other number lies between the neighbours
      numbers_[i] = low + 1;
      return;
    }
    std::vector<int> candidates;
    for (const auto& now : live_) {
      if (now.attnum > low && now.attnum < high && !claimed(now.attnum) && now.type == column.type) {
        candidates.push_back(now.attnum);
      }
    }
    if (candidates.size() == 1) {
      numbers_[i] = candidates.front();
      return;
    }
    bool could_be_known = false;
    for (const auto& known : known_) {
      could_be_known = could_be_known || (known.attnum > low && known.attnum < high && !claimed(known.attnum));
    }
    if (!candidates.empty() || could_be_known) {
      untold(std::string(column.name),
             "It cannot be told whether this column was renamed or is a new one: the source table was changed again "
             "since.");
    }
    numbers_[i] = kPassing;
  }

  void drops() {
    for (const auto& known : known_) {
      if (claimed(known.attnum)) continue;
      if (known.mapping == nullptr) continue;  // generated columns are not published; they may still be there
      if (live_by_number(known.attnum) != nullptr) {
        refuse_change(shape_, known.name, "A column that is copied is not published any more.",
                      "Take it into the publication's column list again, or leave it out and load the table anew: "
                      "`millrace reload`.");
      }
      changes_.push_back({.kind = ChangeKind::kDropColumn, .column = known.name});
    }
  }

  void renames() {
    for (const auto& known : known_) {
      const auto now = name_of(known.attnum);
      if (now.empty() || now == known.name) continue;
      changes_.push_back({.kind = known.mapping == nullptr ? ChangeKind::kForget : ChangeKind::kRenameColumn,
                          .column = known.name,
                          .name = std::string(now)});
    }
  }

  void additions() {
    int highest = 0;
    for (const auto& known : known_) highest = std::max(highest, known.attnum);
    for (std::size_t i = 0; i < numbers_.size(); ++i) {
      const auto& column = relation_.columns[i];
      const std::string name(column.name);
      if (numbers_[i] == kPassing) {
        changes_.push_back({.kind = ChangeKind::kLeaveOut, .column = name});
        continue;
      }
      if (by_number(numbers_[i]) != nullptr || numbers_[i] == kUnknown) continue;
      if (numbers_[i] < highest) {
        untold(name, "A column is published that was not before; its values in older rows are not known.");
      }
      auto source = describe_now(numbers_[i], column);
      source.attnum = numbers_[i];
      source.name = name;
      changes_.push_back({.kind = ChangeKind::kAddColumn, .column = name, .source = std::move(source)});
    }
  }

  /// The column by the stream's word where its type is built in, else by the catalog's.
  schema::SourceColumn describe_now(int attnum, const RelationColumn& column) const {
    schema::SourceColumn source;
    const auto* now = live_by_number(attnum);
    const auto builtin = builtin_type(column.type, column.modifier);
    auto described = describe_ ? describe_(attnum) : std::nullopt;
    if (builtin) {
      if (described) source = *described;
      const auto declared = std::exchange(source.type, *builtin).declared;
      // People know "integer" better than "int4"; the catalog may be ahead.
      if (described && same_type(described->type, *builtin)) source.type.declared = declared;
      return source;
    }
    if (!described || now == nullptr || now->type != column.type || now->modifier != column.modifier) {
      refuse_change(shape_, std::string(column.name),
                    "The type of this column cannot be looked up: the source table was changed again since.");
    }
    return std::move(*described);
  }

  void types() {
    for (std::size_t i = 0; i < numbers_.size(); ++i) {
      const Known* known = by_number(numbers_[i]);
      if (known == nullptr || known->mapping == nullptr) continue;
      const auto& column = relation_.columns[i];
      const auto& before = known->mapping->source;
      schema::SourceType modified = before.type;
      apply_modifier(modified, column.modifier);
      if (before.type.oid == column.type && same_type(before.type, modified)) continue;
      auto source = describe_now(known->attnum, column);
      if (same_type(before.type, source.type)) continue;  // into a domain over the type, or out of it
      source.attnum = known->attnum;
      source.name = std::string(column.name);
      changes_.push_back({.kind = ChangeKind::kChangeType, .column = known->name, .source = std::move(source)});
    }
  }

  void not_null() {
    for (const auto& known : known_) {
      if (known.mapping == nullptr || known.mapping->target.nullable || known.mapping->key) continue;
      const auto* now = live_by_number(known.attnum);
      // Early is no harm here: the target takes a NULL that has not come yet.
      if (now != nullptr && !now->not_null && claimed(known.attnum)) {
        changes_.push_back({.kind = ChangeKind::kDropNotNull, .column = known.name});
      }
    }
  }

  void key() {
    std::vector<int> before;
    for (const auto& name : shape_.key) before.push_back(by_name(name) == nullptr ? kUnknown : by_name(name)->attnum);
    for (std::size_t i = 0; i < before.size(); ++i) {
      if (!claimed(before[i]))
        refuse_change(shape_, shape_.key[i], "A column of the key is gone from the source table.");
    }
    // Under FULL every column is marked, and old rows come whole: whatever was the key still names a row.
    if (relation_.replica_identity == 'f') return;
    std::vector<std::string> names;
    std::set<int> now;
    for (std::size_t i = 0; i < numbers_.size(); ++i) {
      if (!relation_.columns[i].key) continue;
      names.emplace_back(relation_.columns[i].name);
      now.insert(numbers_[i]);
    }
    // Without any, PostgreSQL refuses updates and deletes: rows only come.
    if (names.empty() || now == std::set<int>(before.begin(), before.end())) return;
    changes_.push_back({.kind = ChangeKind::kChangeKey, .key = std::move(names)});
  }

  const TableShape& shape_;
  const Relation& relation_;
  const std::vector<LiveColumn>& live_;
  const DescribeColumn& describe_;
  bool judges_names_;
  std::vector<Known> known_;
  std::vector<int> numbers_;  ///< attnum of each of the relation's columns
  std::vector<SchemaChange> changes_;
};

}  // namespace

void refuse_change(const TableShape& shape, const std::string& column, const std::string& message,
                   const std::string& suggestion) {
  const auto table = shape.plan.source.name.to_string();
  Error error(ErrorCode::kSchemaChanged, message, {.table = table, .column = column});
  error.suggest(suggestion.empty() ? "Load the table anew: `millrace reload <pipeline> " + table + "`." : suggestion);
  throw error;
}

std::vector<SchemaChange> diff_schema(const TableShape& shape, const Relation& relation,
                                      const std::vector<LiveColumn>& live, const DescribeColumn& describe,
                                      bool judges_names) {
  return Differ(shape, relation, live, describe, judges_names).run();
}

}  // namespace millrace::replication
