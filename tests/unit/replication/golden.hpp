#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "replication/apply_sql.hpp"

namespace millrace::replication {

/// Compares with tests/golden/replication/<name>.sql, or rewrites it when MILLRACE_UPDATE_GOLDENS is set.
inline void expect_golden(const std::string& name, const std::string& text) {
  const std::filesystem::path file = std::filesystem::path(MILLRACE_GOLDEN_DIR) / "replication" / (name + ".sql");
  if (std::getenv("MILLRACE_UPDATE_GOLDENS") != nullptr) {
    std::ofstream(file) << text;
    return;
  }
  std::ifstream in(file);
  const std::string golden((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  EXPECT_EQ(text, golden) << "set MILLRACE_UPDATE_GOLDENS=1 to rewrite " << file;
}

/// The statement under a title, with its values in a comment behind.
inline std::string shown(const std::string& title, const Sql& sql) {
  std::string text = "-- " + title + "\n" + sql.text + "\n";
  if (!sql.values.empty()) {
    text += "-- values:";
    for (const auto& value : sql.values) text += " " + value.value_or("NULL");
    text += "\n";
  }
  return text + "\n";
}

}  // namespace millrace::replication
