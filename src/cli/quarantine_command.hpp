#pragma once

#include <CLI/App.hpp>

#include "cli/context.hpp"

namespace millrace::cli {

/// `millrace quarantine list | show | retry | discard`: the rows that SQL Server did not take.
void add_quarantine_command(CLI::App& app, Context& context);

}  // namespace millrace::cli
