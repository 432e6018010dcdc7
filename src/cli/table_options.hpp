#pragma once

#include <CLI/App.hpp>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "schema/type_mapping.hpp"

namespace millrace::cli {

/// The options that say how single tables are copied: --rename, --exclude-column, --key-columns, --column-type.
class TableOptions {
 public:
  TableOptions(CLI::App& command, const std::string& group);

  /// Puts them into a spec's document. Throws Error kUsage.
  void add_to(nlohmann::json& document) const;
  /// Throws Error kUsage.
  std::map<schema::TableName, schema::TableOptions> tables() const;

 private:
  std::vector<std::string> renames_, excludes_, keys_, names_, types_, policies_;
};

/// "NAME=VALUE" taken apart. Throws Error kUsage naming the option.
std::pair<std::string, std::string> split_pair(const std::string& text, const std::string& option);

}  // namespace millrace::cli
