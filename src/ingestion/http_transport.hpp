#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>

#include "pipeline/spec.hpp"

namespace millrace::ingestion {

struct HttpRequest {
  std::string method;                          ///< GET, PUT, POST, DELETE
  std::string path;                            ///< begins with '/', already encoded
  std::string body;                            ///< JSON, or empty
  std::chrono::milliseconds timeout{100'000};  ///< above the worker's own 90 s
};

struct HttpResponse {
  long status = 0;
  std::string body;
};

/// One REST endpoint. Throws Error kConnectUnreachable when no answer came, kInterrupted on a stop request.
class HttpTransport {
 public:
  virtual ~HttpTransport() = default;
  virtual HttpResponse send(const HttpRequest& request, const std::stop_token& stop) = 0;
};

/// libcurl: basic or bearer authentication, own CA, client certificate; environment proxies, but none for the
/// loopback. Not thread-safe.
std::unique_ptr<HttpTransport> make_curl_transport(const pipeline::ConnectEndpoint& endpoint);

}  // namespace millrace::ingestion
