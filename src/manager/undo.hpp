#pragma once

#include <functional>
#include <string>
#include <vector>

#include "support/error.hpp"

namespace millrace::manager {

/// What to take back when a create fails, newest first. Not thread-safe.
class Undo {
 public:
  /// `what` names the thing for people: "table [dbo].[orders]".
  void add(std::string what, std::function<void()> remove);
  /// Removes everything in reverse and notes each on `error`: "removed ..", or "could not remove ..: why".
  /// True when nothing is left.
  bool run(Error& error);

 private:
  struct Step {
    std::string what;
    std::function<void()> remove;
  };
  std::vector<Step> steps_;
};

}  // namespace millrace::manager
