#include "arguments.hpp"

#include <cstdlib>

#include "support/error.hpp"

namespace millrace::bench {

Arguments::Arguments(int count, char** values) {
  for (int i = 0; i < count; ++i) {
    const std::string_view argument = values[i];
    const auto middle = argument.find('=');
    if (middle == std::string_view::npos) {
      throw Error(ErrorCode::kUsage, "Expected NAME=VALUE, not " + std::string(argument) + ".");
    }
    values_.emplace(argument.substr(0, middle), argument.substr(middle + 1));
  }
}

const std::string& Arguments::text(const std::string& name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) throw Error(ErrorCode::kUsage, "The measurement needs " + name + "=..");
  return found->second;
}

std::string Arguments::text_or(const std::string& name, const std::string& other) const {
  const auto found = values_.find(name);
  return found == values_.end() ? other : found->second;
}

long Arguments::number(const std::string& name) const {
  return std::strtol(text(name).c_str(), nullptr, 10);
}

Lsn Arguments::lsn(const std::string& name) const {
  const auto lsn = Lsn::parse(text(name));
  if (!lsn) throw Error(ErrorCode::kUsage, name + " is no position in the WAL.");
  return *lsn;
}

std::vector<std::string> Arguments::list(const std::string& name) const {
  std::vector<std::string> parts;
  std::string_view rest = text(name);
  while (!rest.empty()) {
    const auto end = rest.find(',');
    parts.emplace_back(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return parts;
}

}  // namespace millrace::bench
