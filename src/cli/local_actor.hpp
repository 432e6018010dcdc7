#pragma once

#include <unistd.h>

#include <string>

#include "security/roles.hpp"

namespace millrace::cli {

/// The person at this machine, as the audit log names them.
inline security::Actor local_actor() {
  security::Actor actor;
  actor.user_name = "local:" + std::to_string(::getuid());
  return actor;
}

}  // namespace millrace::cli
