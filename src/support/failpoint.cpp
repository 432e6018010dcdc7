#include "support/failpoint.hpp"

#ifdef MILLRACE_FAILPOINTS

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <string>

namespace millrace {
namespace {

const char* name_of(Failpoint point) {
  switch (point) {
#define MILLRACE_FAILPOINT(constant, name, where) \
  case Failpoint::constant:                       \
    return name;
#include "support/failpoints.def"
#undef MILLRACE_FAILPOINT
  }
  return "";
}

/// What the environment asks for, read once.
struct Wanted {
  std::string name;
  std::atomic<long> left{0};
  int signal = SIGKILL;

  Wanted() {
    const char* text = std::getenv("MILLRACE_FAILPOINT");
    if (text == nullptr) return;
    name = text;
    const auto colon = name.find(':');
    if (name.ends_with(":stop")) signal = SIGSTOP;
    left = colon == std::string::npos ? 1 : std::strtol(name.c_str() + colon + 1, nullptr, 10);
    name.resize(std::min(colon, name.size()));
  }
};

}  // namespace

void hit(Failpoint point) {
  static Wanted wanted;
  if (wanted.name.empty() || wanted.name != name_of(point)) return;
  if (--wanted.left == 0) kill(getpid(), wanted.signal);
}

}  // namespace millrace

#endif
