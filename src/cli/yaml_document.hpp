#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "support/error.hpp"

namespace millrace::cli {

/// A document of a YAML (or JSON) file as JSON, that knows where each member stands. Quoted scalars stay texts; plain
/// true/false, whole numbers and null get their kind.
struct YamlDocument {
  struct Place {
    int line = 0;  ///< from 1
    int column = 0;
  };

  std::string file;  ///< for messages
  nlohmann::json value;
  std::map<std::string, Place> places;  ///< by the members' names joined by '.', as Error's `field` has them

  /// "FILE:12:5", or the file alone for a field that does not stand in it.
  std::string place_of(const std::string& field) const;
  /// The same error, with the place of its field before the message.
  Error located(const Error& error) const;
};

/// Every document of a text. `file`: for messages. Throws Error kUsage naming the place: for what is no YAML, for a
/// document that is no mapping, and for a member that stands twice in one mapping.
std::vector<YamlDocument> read_yaml(const std::string& text, const std::string& file);

/// The one document of a file. Throws as read_yaml does, and for a file that cannot be read or has several.
YamlDocument read_yaml_file(const std::string& path);

/// The text of a file; "-" is standard input. Throws Error kUsage.
std::string read_text(const std::string& path);

}  // namespace millrace::cli
