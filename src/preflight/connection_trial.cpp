#include "preflight/connection_trial.hpp"

#include <utility>

namespace millrace::preflight {
namespace {

/// Neither libpq nor the driver has a code for it: all faults of TLS are those of a connection that could not be made.
bool about_tls(const Error& error) {
  const auto words = error.message() + error.cause();
  return words.find("SSL") != std::string::npos || words.find("certificate") != std::string::npos ||
         words.find("TLS") != std::string::npos;
}

}  // namespace

ConnectionTrial::ConnectionTrial(TrialSide side, CheckList& list) : side_(std::move(side)), list_(list) {}

void ConnectionTrial::answers() {
  list_.pass(id("reachable"), side_.place + " answers");
}

void ConnectionTrial::signed_in() {
  answers();
  list_.pass(id("sign_in"), "signed in as " + side_.user);
}

void ConnectionTrial::succeeded() {
  signed_in();
  list_.pass(id("database"), "opened " + side_.database);
}

bool ConnectionTrial::failed(const Error& error) {
  const auto code = error.code();
  if (code == ErrorCode::kAddressRefused || code == ErrorCode::kHostUnknown) {
    // Its words are ours.
    list_.fail(id("reachable"), error.message(), error.suggestion());
  } else if (code == side_.unreachable && about_tls(error)) {
    answers();
    list_.fail(id("tls"), "no encrypted connection could be made with " + side_.tls, error);
  } else if (code == side_.unreachable) {
    list_.fail(id("reachable"), "no connection to " + side_.place + " could be made", error);
  } else if (code == side_.auth) {
    answers();
    list_.fail(id("sign_in"), side_.product + " does not let " + side_.user + " in", error);
  } else if (code == side_.database_not_found) {
    signed_in();
    list_.fail(id("database"), side_.no_database, error);
  } else {
    return false;
  }
  return true;
}

}  // namespace millrace::preflight
