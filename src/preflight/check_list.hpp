#pragma once

#include <string>
#include <vector>

#include "preflight/connection_report.hpp"
#include "preflight/finding.hpp"
#include "support/error.hpp"

namespace millrace::preflight {

/// The checks of a report as they come in: those that every report of a side has, in their order, then others.
class CheckList {
 public:
  struct Expected {
    std::string id;
    std::string title;
  };
  CheckList(std::vector<Expected> expected, bool foreign_words);

  void pass(const std::string& id, const std::string& message);
  void warn(const std::string& id, const std::string& message, const std::string& fix);
  void fail(const std::string& id, const std::string& message, const std::string& fix);
  /// As fail(), with the error's suggestion as fix, and its words where they may be repeated.
  void fail(const std::string& id, const std::string& message, const Error& error);
  void take(const Findings& findings);

  /// Expected checks of which nothing was said passed when `looked`, and were skipped otherwise.
  std::vector<Check> finish(bool looked);

 private:
  void set(const std::string& id, CheckStatus status, const std::string& object, const std::string& message,
           const std::string& fix);

  std::vector<Expected> expected_;
  bool foreign_words_;
  std::vector<Check> checks_;
};

}  // namespace millrace::preflight
