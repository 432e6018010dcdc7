#pragma once

#include <cstdlib>
#include <string>

namespace millrace {

/// A variable of the process's environment; empty when it is not set. Not while another thread sets variables.
inline std::string environment(const std::string& name) {
  const char* text = std::getenv(name.c_str());
  return text == nullptr ? "" : text;
}

}  // namespace millrace
