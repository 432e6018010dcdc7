#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace millrace::manager {

/// A run that somebody looks after beside it.
struct WatchedRun {
  std::string tenant;
  std::string pipeline;
  std::int64_t revision = 0;              ///< of the pipeline that is run
  std::string process;                    ///< as it signed in (store::Runs)
  std::function<std::string()> progress;  ///< its newest numbers, for the sign of life
  std::function<void()> changed;          ///< the pipeline has another revision, or is gone: called once
};

/// Looks at the store beside runs: gives signs of life, and notices when a pipeline is changed. A store that is busy or
/// away is no trouble of the run: the next look tells. Thread-safe.
class RunWatch {
 public:
  virtual ~RunWatch() = default;
  /// Until the handle is let go of; no callback runs after that. Callbacks must not wait, nor let go of a handle.
  virtual std::shared_ptr<void> watch(WatchedRun run) = 0;
};

}  // namespace millrace::manager
