#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "postgres/libpq.hpp"
#include "postgres/stream_errors.hpp"
#include "support/mapped_bytes.hpp"
#include "support/unlinked_file.hpp"

namespace millrace::postgres {

/// One query whose answer is a COPY, on a connection that libpq has opened and signed in. libpq would hold each
/// CopyData message in memory, twice and rounded up, and a row may have a gigabyte; this reads the messages itself
/// (PostgreSQL documentation, "Frontend/Backend Protocol": "Message Formats" and "COPY Operations"), where they lie
/// in the buffer, and puts a long one into a file without a name. libpq must have no query open, and must not be used
/// on the connection until ReadyForQuery has been taken here; it notices nothing of all this. Never waits. Not
/// thread-safe.
class CopyChannel {
 public:
  /// A longer message goes to the file. Bytes.
  static constexpr std::size_t kLongest = std::size_t{4} << 20U;

  /// `directory`: for the file; empty: the system's temporary one. The connection outlives this.
  CopyChannel(PGconn* connection, std::filesystem::path directory);

  struct Message {
    char type = 0;
    std::string_view body;
    const MappedBytes* mapped = nullptr;  ///< holds `body`, when that is a long one
  };

  /// Queues a simple query.
  void query(const std::string& sql);
  /// Queues a message of at most some hundred bytes. False: it was not taken, as the last one has not gone out yet.
  bool write(char type, std::string_view body);
  /// Sends what it can of what is queued. False: the connection is lost.
  bool flush();
  bool output_pending() const { return sent_ < output_.size(); }

  enum class Received { kSome, kNothing, kEnd };
  /// Reads once of what has arrived. kNothing: nothing has, so that the socket can be waited for; kEnd: the connection
  /// is lost, and what came before can still be taken. Throws Error kSpillFull and kSpillFailed for a long message.
  Received receive();
  /// The next whole message; nothing: more must be received. Its views live until the next call of take() or
  /// receive(). Throws Error kProtocol on bytes that are none.
  std::optional<Message> take();

  /// From now on long messages are taken without their content.
  void discard_long();
  /// Gives the buffer back where it holds nothing: for a connection that is silent.
  void give_back_buffer();
  /// Why the connection was lost, in words of the system or of OpenSSL.
  const std::string& failure() const { return failure_; }

 private:
  /// A long message on its way into the file.
  struct Long {
    char type = 0;
    std::size_t size = 0;
    std::size_t done = 0;
    std::unique_ptr<UnlinkedFile> file;  ///< none: its bytes are dropped
  };

  std::size_t buffered() const { return end_ - begin_; }
  void make_room();
  void begin_long(char type, std::size_t size);
  void move_to_file(Long& message);
  std::ptrdiff_t read_some(char* into, std::size_t size);
  std::ptrdiff_t write_some(const char* from, std::size_t size);

  PGconn* connection_;
  void* tls_;  ///< OpenSSL's SSL, of libpq; none without TLS
  std::filesystem::path directory_;

  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t wanted_ = 0;  ///< bytes of the message that begins at begin_, when known
  bool filled_ = false;     ///< the last read found more than there was room for

  std::string output_;
  std::size_t sent_ = 0;

  std::optional<Long> long_;
  std::shared_ptr<const MappedBytes> mapped_;  ///< of the message that was given out
  bool discard_ = false;
  std::string failure_;
};

/// The fields of an ErrorResponse or NoticeResponse.
ServerMessage parse_server_message(std::string_view body);

}  // namespace millrace::postgres
