#pragma once

#include <string_view>

#include "pgoutput/messages.hpp"

namespace millrace::pgoutput {

/// Decodes the payload of XLogData messages, one logical replication message each. Keeps only whether the stream is
/// inside a streamed block, where messages carry a transaction id. Not thread-safe.
class Decoder {
 public:
  /// Decodes one message into `message`, whose tuples' memory is reused when it held the same kind before. Views in it
  /// live as long as `bytes`. Throws Error kProtocol, naming message type and offset, on bytes that are not a message;
  /// reads nothing beyond `bytes`.
  void decode(std::string_view bytes, Message& message);
  /// Forgets an open streamed block: for a new connection.
  void reset() { streaming_ = false; }

 private:
  bool streaming_ = false;
};

}  // namespace millrace::pgoutput
