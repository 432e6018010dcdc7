#pragma once

#include <compare>
#include <string>

namespace millrace::server {

/// A pipeline of a tenant.
struct PipelinePlace {
  std::string tenant;  ///< id
  std::string name;
  auto operator<=>(const PipelinePlace&) const = default;
};

}  // namespace millrace::server
