#pragma once

#include <exception>
#include <stop_token>
#include <string>
#include <utility>

#include "cli/server_client.hpp"

namespace millrace::cli {

/// Somebody who is signed in to a server for as long as this lives: by name and password, without the context's key.
/// Throws what ServerClient throws, kSignIn among it. Not thread-safe.
class SignedIn {
 public:
  SignedIn(ServerContext server, const std::string& user, const Secret& password, const std::stop_token& stop)
      : client_(without_key(std::move(server))) {
    client_.sign_in(user, password, stop);
  }
  ~SignedIn() {
    try {
      client_.sign_out();
    } catch (const std::exception&) {
      // The session ends by itself; what came before is what is told.
    }
  }
  SignedIn(const SignedIn&) = delete;
  SignedIn& operator=(const SignedIn&) = delete;

  ServerClient& client() { return client_; }

 private:
  static ServerContext without_key(ServerContext server) {
    server.token = {};
    return server;
  }

  ServerClient client_;
};

}  // namespace millrace::cli
