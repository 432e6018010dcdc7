#pragma once

namespace millrace::cli {

/// The whole command: parses, runs one verb, prints, and returns the exit code: 0 done; 1 failed while running;
/// 2 wrong usage or refused by validation; 3 a server, a sign-in or a needed part is missing; 130/143 ended by signal.
int run(int argc, char** argv);

}  // namespace millrace::cli
