#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pgoutput/messages.hpp"

namespace millrace::pgoutput {

/// Decodes COPY .. TO STDOUT (FORMAT binary): PostgreSQL documentation, COPY, "Binary Format". PostgreSQL sends whole
/// rows per CopyData message, but the format does not promise it: chunks may be cut anywhere. Not thread-safe.
class CopyDecoder {
 public:
  /// `columns`: fields that each row must have. Throws Error kProtocol when a row has another number.
  explicit CopyDecoder(std::size_t columns) : columns_(columns) {}

  /// Gives the decoder the next bytes; they must live until next() has returned false. To be called only before the
  /// first next() and after it returned false; else throws Error kInternal.
  void feed(std::string_view bytes);
  /// The next whole row; false when more bytes are needed or the trailer was read. Views in `row` live until the next
  /// call of next() or feed(). kinds are kNull or kBinary. Throws Error kProtocol on bytes that are not such a stream,
  /// after which the decoder is of no use.
  bool next(Tuple& row);
  /// True after the trailer: a stream that ends without it was cut off.
  bool finished() const { return finished_; }

 private:
  bool read_header();
  std::optional<std::size_t> read_row(std::string_view bytes, Tuple& row);
  std::size_t scan_row();
  bool fill_carry(std::size_t size);
  void drop_carry();
  [[noreturn]] void fail(std::string_view what) const;

  std::size_t columns_;
  bool header_read_ = false;
  bool finished_ = false;
  bool carry_given_ = false;      ///< the row in carry_ was handed out
  std::string carry_;             ///< the header, or a row, that more than one chunk holds
  std::size_t carry_fields_ = 0;  ///< fields of that row whose lengths are known
  std::size_t carry_end_ = 0;     ///< offset in carry_ behind the last of them
  std::string_view pending_;
  std::size_t rows_ = 0;  ///< handed out, for error texts
};

}  // namespace millrace::pgoutput
