#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "server/http.hpp"

namespace millrace::server {

struct HttpSettings {
  std::string address = "127.0.0.1";  ///< numeric
  std::uint16_t port = 8080;          ///< 0: any free one
  std::string certificate_file;       ///< PEM chain; with key_file: TLS
  std::string key_file;
  std::size_t max_header_bytes = 16 * 1024;
  std::size_t max_body_bytes = 1024 * 1024;
  std::size_t max_connections = 512;
  std::chrono::seconds read_timeout{30};
  int workers = 8;  ///< handlers that may block at the same time
};

/// HTTP/1.1 with keep-alive, over TCP or TLS. Connections are served by two threads whatever their number; handlers
/// run in a pool of workers and may block. What breaks a limit is answered 400, 413 or 431 and closed.
class HttpServer {
 public:
  /// Called from several threads at once; must not throw.
  using Handler = std::function<Response(const Request&)>;

  /// Listens when it returns. Throws Error kUsage for an address that is none or certificates that cannot be read,
  /// kListen when the port is taken.
  HttpServer(HttpSettings settings, Handler handler);
  /// Stops at once.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::uint16_t port() const;
  /// Takes no more connections, ends streams, lets requests that are being worked on be answered, for at most `time`.
  void drain(std::chrono::seconds time);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace millrace::server
