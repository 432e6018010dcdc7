#pragma once

#include <functional>
#include <string>

#include "cli/output.hpp"
#include "cli/signals.hpp"
#include "manager/cdc_manager.hpp"

namespace millrace::cli {

/// What the verbs share: where they answer, how, and what the chosen one does.
struct Context {
  const Signals& signals;
  std::string data_dir = {};
  Format format = Format::kTable;
  std::function<int()> action = {};  ///< set by the verb that was parsed

  manager::CdcManager open() const { return manager::CdcManager(data_dir); }
};

/// Progress belongs on standard error, so that standard output holds the answer alone.
pipeline::Progress progress_on_stderr();

}  // namespace millrace::cli
