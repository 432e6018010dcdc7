#pragma once

#include <string_view>

#include "pgoutput/messages.hpp"

namespace millrace::pgoutput {

/// Decodes the payload of XLogData messages, one logical replication message each. Keeps only whether the stream is
/// inside a streamed block, where messages carry a transaction id. Not thread-safe.
class Decoder {
 public:
  /// Decodes one message into `message`, whose tuples' memory is reused: a caller that always passes the same object
  /// sees no allocation per change. Views in it live as long as `bytes`. Throws Error kProtocol, naming message type
  /// and offset, on bytes that are not a message; reads nothing beyond `bytes`. After a throw `message` may hold
  /// anything, and the decoder is as it was before.
  void decode(std::string_view bytes, Message& message);
  /// As behind a Stream Start message: for messages of a streamed block that were kept without it.
  void begin_block() { streaming_ = true; }
  /// Forgets an open streamed block: for a new connection.
  void reset() { streaming_ = false; }

 private:
  template <typename Kind>
  void decode_as(std::string_view name, std::string_view bytes, Message& message);
  template <typename Kind>
  Kind& hold(Message& message);
  void keep_tuples(Message& message);

  bool streaming_ = false;
  Tuple spare_row_;  ///< memory of a tuple whose message was followed by one of another kind
  Tuple spare_old_;
};

}  // namespace millrace::pgoutput
