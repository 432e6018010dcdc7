#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "pgoutput/messages.hpp"

namespace millrace::pgoutput {

/// Decodes COPY .. TO STDOUT (FORMAT binary): PostgreSQL documentation, COPY, "Binary Format". libpq gives whole rows
/// per CopyData message, but the format does not promise it: chunks may be cut anywhere. Not thread-safe.
class CopyDecoder {
 public:
  /// `columns`: fields that each row must have. Throws Error kProtocol when a row has another number.
  explicit CopyDecoder(std::size_t columns) : columns_(columns) {}

  /// Gives the decoder the next bytes; they must live until next() has returned false.
  void feed(std::string_view bytes);
  /// The next whole row; false when more bytes are needed or the trailer was read. Views in `row` live until the next
  /// call of next() or feed(). kinds are kNull or kBinary.
  bool next(Tuple& row);
  /// True after the trailer: a stream that ends without it was cut off.
  bool finished() const { return finished_; }

 private:
  std::size_t columns_;
  bool header_read_ = false;
  bool finished_ = false;
  std::string carry_;  ///< the beginning of a row whose end is in the next chunk
  std::string_view pending_;
};

}  // namespace millrace::pgoutput
