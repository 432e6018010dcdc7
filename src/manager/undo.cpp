#include "manager/undo.hpp"

#include <utility>

namespace millrace::manager {

void Undo::add(std::string what, std::function<void()> remove) {
  steps_.push_back({std::move(what), std::move(remove)});
}

bool Undo::run(Error& error) {
  bool all_removed = true;
  while (!steps_.empty()) {
    const Step step = std::move(steps_.back());
    steps_.pop_back();
    try {
      step.remove();
      error.note("removed " + step.what);
    } catch (const Error& failure) {
      error.note("could not remove " + step.what + ": " + failure.message());
      all_removed = false;
    }
  }
  return all_removed;
}

}  // namespace millrace::manager
