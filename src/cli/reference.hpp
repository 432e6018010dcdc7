#pragma once

#include <CLI/App.hpp>
#include <string>

namespace millrace::cli {

/// Every command with its options, from the command line itself: docs/reference/cli.md, and packaging/man/millrace.1
/// (man-pages(7)). Nothing in them depends on the machine.
std::string reference_page(const CLI::App& root);
std::string man_page(const CLI::App& root);

}  // namespace millrace::cli
