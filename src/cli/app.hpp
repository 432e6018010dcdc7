#pragma once

#include <string>

namespace millrace::cli {

/// The whole command: parses, runs one verb, prints, and returns the exit code: 0 done; 1 failed while running;
/// 2 wrong usage or refused by validation; 3 a server, a sign-in or a needed part is missing; 130/143 ended by signal.
/// Two words are not for people: `__complete`, which a shell's completion asks, and `__reference page|man`.
int run(int argc, char** argv);

/// docs/reference/cli.md and packaging/man/millrace.1 as they ought to be.
std::string command_line_page();
std::string command_line_man_page();

}  // namespace millrace::cli
