#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace millrace::server {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// One request, whole. Header names are in lower case.
struct Request {
  std::string method;
  std::string path;   ///< percent-decoded, begins with '/'
  std::string query;  ///< as it came, without '?'
  Headers headers;
  std::string body;
  std::string address;  ///< of the client
  std::string id;       ///< in answers and logs

  /// The first header of that (lower-case) name, or empty.
  std::string header(const std::string& name) const;
  /// The first query parameter of that name, percent-decoded; nothing: there is none. Malformed text is empty.
  std::optional<std::string> given(const std::string& name) const;
  /// given(), or empty.
  std::string parameter(const std::string& name) const;
  /// A cookie's value, or empty.
  std::string cookie(const std::string& name) const;
};

/// An open event stream. Thread-safe; writing never blocks.
class StreamWriter {
 public:
  virtual ~StreamWriter() = default;
  /// Queues text. A client that leaves more than 1 MiB unread is cut off.
  virtual void write(std::string text) = 0;
  virtual bool closed() const = 0;
};

struct Response {
  int status = 200;
  std::string type = "application/json";
  std::string body;
  Headers headers;
  /// Instead of a body: called once the answer's head is out; the connection stays open until either side closes it.
  std::function<void(std::shared_ptr<StreamWriter>)> stream;
  /// Of a stream: asked in a worker at every heartbeat (15 s); false ends it. None: it may stay open.
  std::function<bool()> may_stay;
};

/// Percent-decoding; '+' stays. False for a malformed or NUL-carrying text.
bool percent_decode(const std::string& text, std::string& decoded);

}  // namespace millrace::server
