#include "cli/app.hpp"
#include "security/process_hardening.hpp"

int main(int argc, char** argv) {
  // Passwords are in memory. Where it is refused the program is no less of use.
  millrace::security::forbid_core_dumps();
  return millrace::cli::run(argc, argv);
}
