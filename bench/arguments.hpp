#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "support/ids.hpp"

namespace millrace::bench {

/// A measurement's settings, "name=value" each on the command line.
class Arguments {
 public:
  /// Throws Error kUsage for one that is not of that form.
  Arguments(int count, char** values);

  /// Throws Error kUsage when it is missing.
  const std::string& text(const std::string& name) const;
  std::string text_or(const std::string& name, const std::string& other) const;
  long number(const std::string& name) const;
  Lsn lsn(const std::string& name) const;
  /// Separated by commas.
  std::vector<std::string> list(const std::string& name) const;

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace millrace::bench
