#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace millrace::cli {

/// A YAML (or JSON) file as JSON. Quoted scalars stay texts; plain true/false, whole numbers and null get their kind.
/// Throws Error kUsage naming the file and the line.
nlohmann::json read_yaml_file(const std::string& path);

}  // namespace millrace::cli
