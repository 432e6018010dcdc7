#pragma once

#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace millrace::sqlserver {

/// Things to use again, by name; the least recently returned one goes when there are too many. A thing is taken out
/// for its use and put back after it, so that one that failed is simply not put back. Not thread-safe.
template <typename Thing>
class LruPool {
 public:
  explicit LruPool(std::size_t most) : most_(most) {}

  std::optional<Thing> take(const std::string& name) {
    const auto found = by_name_.find(name);
    if (found == by_name_.end()) return std::nullopt;
    Thing thing = std::move(found->second->second);
    order_.erase(found->second);
    by_name_.erase(found);
    return thing;
  }

  /// Replaces a thing of this name that came back before.
  void put(const std::string& name, Thing thing) {
    take(name);
    order_.emplace_front(name, std::move(thing));
    by_name_[name] = order_.begin();
    if (order_.size() <= most_) return;
    by_name_.erase(order_.back().first);
    order_.pop_back();
  }

  void clear() {
    by_name_.clear();
    order_.clear();
  }

  std::size_t size() const { return order_.size(); }

 private:
  using Order = std::list<std::pair<std::string, Thing>>;
  std::size_t most_;
  Order order_;
  std::unordered_map<std::string, typename Order::iterator> by_name_;
};

}  // namespace millrace::sqlserver
