#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "cli/server_contexts.hpp"

namespace millrace::cli {

/// What a server is named by, as "https://host:port[/prefix]". Throws Error kUsage for another kind of URL, and for one
/// that holds a user or a password.
std::string server_url(const std::string& text);

/// What a call answers.
struct ServerAnswer {
  nlohmann::ordered_json body;  ///< null when there is none
  std::string etag;
};

/// Calls to a Millrace server's API. A fault that the server tells comes as the Error that it is, with the server's
/// words, so that it is shown and ends the program as it would without a server. Throws beside it Error
/// kServerUnreachable, kInterrupted, and kUsage for a URL that would send the key in the clear. Not thread-safe.
class ServerClient {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;

  explicit ServerClient(ServerContext context);
  ~ServerClient();
  ServerClient(const ServerClient&) = delete;
  ServerClient& operator=(const ServerClient&) = delete;

  /// `path` below /api/v1, encoded. A null `body` sends none.
  ServerAnswer send(const std::string& method, const std::string& path, const nlohmann::ordered_json& body,
                    const Headers& headers, const std::stop_token& stop);
  nlohmann::ordered_json get(const std::string& path, const std::stop_token& stop) {
    return send("GET", path, nullptr, {}, stop).body;
  }
  nlohmann::ordered_json post(const std::string& path, const nlohmann::ordered_json& body,
                              const std::stop_token& stop) {
    return send("POST", path, body, {}, stop).body;
  }
  /// All items of a list, page by page, at most `most` (0: all).
  nlohmann::ordered_json list(const std::string& path, std::size_t most, const std::stop_token& stop);

  /// Signs in as a person: the following calls are of that session, until sign_out.
  void sign_in(const std::string& user, const Secret& password, const std::stop_token& stop);
  void sign_out();
  /// Works in another tenant from now on; the session goes on by another cookie and token. `/auth/me` as it is then.
  nlohmann::ordered_json choose_tenant(const std::string& id, const std::stop_token& stop);

  const std::string& server() const { return context_.server; }

 private:
  struct Handle;
  ServerContext context_;
  Secret csrf_;
  std::unique_ptr<Handle> handle_;
};

/// A part of a path or a query, percent-encoded.
std::string url_part(const std::string& text);

}  // namespace millrace::cli
