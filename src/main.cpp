#include "cli/app.hpp"

int main(int argc, char** argv) {
  return millrace::cli::run(argc, argv);
}
