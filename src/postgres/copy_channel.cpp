#include "postgres/copy_channel.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "support/error.hpp"

namespace millrace::postgres {
namespace {

constexpr std::size_t kHead = 5;  ///< type, and the length of all but the type
constexpr std::size_t kSmallBuffer = std::size_t{16} << 10U;
constexpr std::size_t kLargeBuffer = std::size_t{256} << 10U;
constexpr std::size_t kLongestData = 0x7fffffff;
/// Of messages that are no data: an error's text with its query and context.
constexpr std::size_t kLongestTalk = std::size_t{16} << 20U;
constexpr std::ptrdiff_t kWouldBlock = -2;
constexpr std::ptrdiff_t kLost = -1;

std::uint32_t read_u32(const char* at) {
  std::uint32_t value = 0;
  std::memcpy(&value, at, sizeof value);
  return __builtin_bswap32(value);
}

std::string tls_reason() {
  std::array<char, 256> text{};
  const auto code = ERR_get_error();
  if (code == 0) return {};
  ERR_error_string_n(code, text.data(), text.size());
  return text.data();
}

bool temporary(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

}  // namespace

CopyChannel::CopyChannel(PGconn* connection, std::filesystem::path directory)
    : connection_(connection),
      tls_(PQsslInUse(connection) == 0 ? nullptr : PQsslStruct(connection, "OpenSSL")),
      directory_(std::move(directory)) {
  if (tls_ == nullptr && PQsslInUse(connection) != 0) {
    throw Error(ErrorCode::kInternal, "libpq was built with another TLS library than OpenSSL.");
  }
}

// --- out

void CopyChannel::query(const std::string& sql) {
  // With the zero that ends it.
  write('Q', std::string_view(sql.c_str(), sql.size() + 1));
}

bool CopyChannel::write(char type, std::string_view body) {
  if (output_pending()) return false;
  const auto length = __builtin_bswap32(static_cast<std::uint32_t>(body.size() + sizeof(std::uint32_t)));
  output_.assign(1, type);
  output_.append(reinterpret_cast<const char*>(&length), sizeof length).append(body);
  sent_ = 0;
  return true;
}

bool CopyChannel::flush() {
  while (output_pending()) {
    const auto done = write_some(output_.data() + sent_, output_.size() - sent_);
    if (done == kLost) return false;
    if (done == kWouldBlock) return true;
    sent_ += static_cast<std::size_t>(done);
  }
  return true;
}

std::ptrdiff_t CopyChannel::write_some(const char* from, std::size_t size) {
  if (tls_ != nullptr) {
    auto* tls = static_cast<SSL*>(tls_);
    ERR_clear_error();
    const int done = SSL_write(tls, from, static_cast<int>(size));
    if (done > 0) return done;
    const int error = SSL_get_error(tls, done);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return kWouldBlock;
    failure_ = tls_reason();
    return kLost;
  }
  const auto done = ::send(PQsocket(connection_), from, size, MSG_NOSIGNAL);
  if (done >= 0) return done;
  if (temporary(errno)) return kWouldBlock;
  failure_ = std::generic_category().message(errno);
  return kLost;
}

// --- in

std::ptrdiff_t CopyChannel::read_some(char* into, std::size_t size) {
  if (tls_ != nullptr) {
    auto* tls = static_cast<SSL*>(tls_);
    ERR_clear_error();
    const int done = SSL_read(tls, into, static_cast<int>(size));
    if (done > 0) return done;
    const int error = SSL_get_error(tls, done);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return kWouldBlock;
    failure_ = error == SSL_ERROR_ZERO_RETURN ? std::string() : tls_reason();
  } else {
    const auto done = ::recv(PQsocket(connection_), into, size, 0);
    if (done > 0) return done;
    if (done < 0 && temporary(errno)) return kWouldBlock;
    failure_ = done == 0 ? std::string() : std::generic_category().message(errno);
  }
  if (failure_.empty()) failure_ = "server closed the connection unexpectedly";
  return kLost;
}

/// Room for at least the rest of the message that is read, or for something.
void CopyChannel::make_room() {
  if (begin_ == end_) begin_ = end_ = 0;
  std::size_t wanted = std::max({kSmallBuffer, capacity_, wanted_});
  // Who sends more than was asked for is asked for more.
  if (filled_ && capacity_ < kLargeBuffer) wanted = std::max(wanted, 2 * capacity_);
  if (wanted > capacity_) {
    auto larger = std::make_unique_for_overwrite<char[]>(wanted);
    if (buffered() > 0) std::memcpy(larger.get(), buffer_.get() + begin_, buffered());
    buffer_ = std::move(larger);
    capacity_ = wanted;
    end_ -= std::exchange(begin_, 0);
  } else if (begin_ > 0 && (capacity_ - begin_ < wanted_ || capacity_ - end_ < capacity_ / 4)) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, buffered());
    end_ -= std::exchange(begin_, 0);
  }
}

CopyChannel::Received CopyChannel::receive() {
  make_room();
  const auto room = capacity_ - end_;
  const auto done = read_some(buffer_.get() + end_, room);
  if (done == kLost) return Received::kEnd;
  if (done == kWouldBlock) return Received::kNothing;
  filled_ = static_cast<std::size_t>(done) == room;
  end_ += static_cast<std::size_t>(done);
  if (long_) move_to_file(*long_);
  return Received::kSome;
}

void CopyChannel::begin_long(char type, std::size_t size) {
  // What throws leaves the message where it is, so that it can still be dropped.
  std::unique_ptr<UnlinkedFile> file;
  if (!discard_) {
    file = std::make_unique<UnlinkedFile>(directory_.empty() ? std::filesystem::temp_directory_path() : directory_);
  }
  auto& begun = long_.emplace(Long{.type = type, .size = size, .file = std::move(file)});
  begin_ += kHead;
  move_to_file(begun);
}

void CopyChannel::discard_long() {
  discard_ = true;
  if (long_) long_->file.reset();
}

void CopyChannel::move_to_file(Long& message) {
  const auto size = std::min(buffered(), message.size - message.done);
  if (message.file) message.file->write(message.done, {buffer_.get() + begin_, size});
  message.done += size;
  begin_ += size;
}

std::optional<CopyChannel::Message> CopyChannel::take() {
  mapped_.reset();
  if (!long_) {
    if (buffered() < kHead) return std::nullopt;
    const char type = buffer_[begin_];
    const std::uint32_t length = read_u32(buffer_.get() + begin_ + 1);
    const bool data = type == 'd';
    if (length < sizeof(length) || length > (data ? kLongestData : kLongestTalk)) {
      throw Error(ErrorCode::kProtocol, "The source sent bytes that are no message of PostgreSQL's protocol.");
    }
    const std::size_t body = length - sizeof(length);
    if (!data || body <= kLongest) {
      wanted_ = kHead + body;
      if (buffered() < wanted_) return std::nullopt;
      const Message message{type, {buffer_.get() + begin_ + kHead, body}};
      begin_ += std::exchange(wanted_, 0);
      return message;
    }
    begin_long(type, body);
  }
  if (!long_ || long_->done < long_->size) return std::nullopt;
  const Long whole = std::move(*long_);
  long_.reset();
  if (!whole.file) return Message{whole.type, {}};
  mapped_ = MappedBytes::of(*whole.file, 0, whole.size);
  return Message{whole.type, mapped_->view(), mapped_.get()};
}

void CopyChannel::give_back_buffer() {
  if (begin_ != end_) return;
  buffer_.reset();
  capacity_ = begin_ = end_ = 0;
  filled_ = false;
}

ServerMessage parse_server_message(std::string_view body) {
  ServerMessage message;
  while (!body.empty() && body.front() != '\0') {
    const char code = body.front();
    body.remove_prefix(1);
    const auto end = std::min(body.find('\0'), body.size());
    const auto text = body.substr(0, end);
    body.remove_prefix(std::min(end + 1, body.size()));
    if (code == 'C') message.sqlstate = text;
    if (code == 'M') message.primary = text;
    if (code == 'D') message.detail = text;
    if (code == 'H') message.hint = text;
    if (code == 'R') message.function = text;
  }
  return message;
}

}  // namespace millrace::postgres
