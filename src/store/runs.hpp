#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "store/database.hpp"
#include "store/tenants.hpp"

namespace millrace::store {

/// The last process that ran a pipeline. JSON members are texts here: their shape belongs to the manager.
struct RunRecord {
  std::string process;  ///< "pid 4711 on host"
  std::int64_t started_ms = 0;
  std::int64_t beat_ms = 0;              ///< last sign of life
  std::optional<std::int64_t> ended_ms;  ///< none: it runs, or died without a word
  std::string progress;                  ///< JSON, or empty
  std::string error;                     ///< JSON of the error that ended it, or empty
};

/// The runs table: at most one row a pipeline, gone with it. Writes about a pipeline that is gone do nothing. Each
/// method is one transaction. Throws Error kStore. Thread-safe as Database is.
class Runs {
 public:
  explicit Runs(Database& database, std::string tenant = kDefaultTenant)
      : database_(database), tenant_(std::move(tenant)) {}

  /// Replaces what was known of an earlier run.
  void begin(const std::string& pipeline, const std::string& process);
  void beat(const std::string& pipeline, const std::string& process, const std::string& progress);
  /// A sign of life of a run anywhere; without progress its numbers stay as they are.
  struct Beat {
    std::string tenant;
    std::string pipeline;
    std::string process;
    std::optional<std::string> progress;
  };
  /// Of many at once, in one transaction.
  static void beat_all(Database& database, const std::vector<Beat>& beats);
  void end(const std::string& pipeline, const std::string& process, const std::string& error);
  void clear_error(const std::string& pipeline);
  std::optional<RunRecord> find(const std::string& pipeline);
  /// Of the pipelines whose names are in this range, both ends included, by name.
  std::map<std::string, RunRecord> between(const std::string& first, const std::string& last);

 private:
  Database& database_;
  std::string tenant_;
};

}  // namespace millrace::store
