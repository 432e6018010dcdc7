#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "store/sql.hpp"

namespace millrace::store {

/// What was told of a pipeline and is not over yet.
struct FiringAlert {
  std::string tenant;
  std::string pipeline;
  std::string alert;  ///< "lag", "stuck", .. : its meaning belongs to whoever tells it
  std::string code;   ///< of the error that it began with, or empty
  std::int64_t since_ms = 0;
};

/// Alerts between their beginning and their end, so that a server that is started meanwhile tells the end. Gone with
/// their pipeline.
class FiringAlerts {
 public:
  explicit FiringAlerts(Session& session) : session_(session) {}

  /// Nothing for a pipeline that is gone; one that fires already keeps its moment and takes the code.
  void begin(const FiringAlert& alert);
  void end(const std::string& tenant, const std::string& pipeline, const std::string& alert);
  std::vector<FiringAlert> all();

 private:
  Session& session_;
};

}  // namespace millrace::store
