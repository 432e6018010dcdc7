#include "cli/signals.hpp"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

namespace millrace::cli {
namespace {

constexpr int kSignalExitBase = 128;

sigset_t watched() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGUSR2);  // our own: ends the watcher
  return set;
}

}  // namespace

Signals::Signals() {
  const sigset_t set = watched();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  watcher_ = std::jthread([this] { watch(); });
}

Signals::~Signals() {
  ending_ = true;
  pthread_kill(watcher_.native_handle(), SIGUSR2);
}

void Signals::watch() {
  const sigset_t set = watched();
  while (!ending_) {
    int signal = 0;
    if (sigwait(&set, &signal) != 0 || signal == SIGUSR2) continue;
    if (received_ != 0) _exit(kSignalExitBase + signal);
    received_ = signal;
    source_.request_stop();
  }
}

}  // namespace millrace::cli
