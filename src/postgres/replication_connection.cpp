#include "postgres/replication_connection.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <cstdlib>

#include "postgres/copy_channel.hpp"
#include "postgres/libpq.hpp"
#include "postgres/query_cancel.hpp"
#include "postgres/socket_wait.hpp"
#include "postgres/stream_errors.hpp"

namespace millrace::postgres {
namespace {

using Clock = std::chrono::steady_clock;

// Of a stream in which nothing moves. A server that wants to know sooner whether somebody is there asks, at half of its
// wal_sender_timeout.
constexpr auto kStatusInterval = std::chrono::seconds(30);
// A position that was confirmed is told at once, but not more often than this: each status is work for the server too,
// and there may be tens of thousands of transactions a second.
constexpr auto kConfirmInterval = std::chrono::milliseconds(20);
constexpr auto kCommandTimeout = std::chrono::seconds(60);
constexpr auto kNoTimeout = std::chrono::hours(24 * 365);
constexpr auto kCancelPatience = std::chrono::seconds(5);
constexpr unsigned kItemsBetweenClocks = 256;
constexpr std::size_t kDataHeader = 25;     // 'w', start, end, time
constexpr std::size_t kKeepaliveSize = 18;  // 'k', end, time, reply wanted
constexpr std::size_t kStatusSize = 34;     // 'r', written, flushed, applied, time, reply wanted

std::uint64_t read_u64(const char* bytes) {
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

void write_u64(char* bytes, std::uint64_t value) {
  for (int i = 7; i >= 0; --i, value >>= 8) bytes[i] = static_cast<char>(value & 0xFF);
}

std::uint64_t microseconds_since_2000() {
  constexpr std::chrono::seconds kEpoch(946'684'800);
  const auto since = std::chrono::system_clock::now().time_since_epoch() - kEpoch;
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(since).count());
}

Error interrupted() {
  return Error(ErrorCode::kInterrupted, "Reading from the source was stopped.");
}

}  // namespace

struct ReplicationConnection::Impl {
  Handle handle;
  SocketWait socket;
  std::string slot;
  std::string publication;
  std::optional<CopyChannel> channel;  ///< of the stream
  std::uint64_t received = 0;
  std::atomic<std::uint64_t> confirmed{0};
  std::uint64_t reported = 0;  ///< what of `confirmed` the server has been told
  std::atomic<bool> woken{false};
  bool output_pending = false;
  bool publication_warned = false;
  bool streaming = false;
  std::optional<ServerMessage> last_words;  ///< the error that ended the stream
  unsigned items_until_clock = 0;
  Clock::time_point last_status;

  explicit Impl(Handle opened) : handle(std::move(opened)) {
    PQsetNoticeReceiver(
        handle.get(),
        [](void* impl, const PGresult* notice) {
          if (warns_of_missing_publication(server_message(notice))) static_cast<Impl*>(impl)->publication_warned = true;
        },
        this);
    PQsetnonblocking(handle.get(), 1);
  }

  PGconn* connection() const { return handle.get(); }

  Error lost() const {
    Error error(ErrorCode::kSourceUnreachable, "The replication connection to the source was lost.");
    return error.because(trimmed(PQerrorMessage(connection())));
  }

  Error stream_lost() const {
    Error error(ErrorCode::kSourceUnreachable, "The replication connection to the source was lost.");
    return error.because(channel->failure());
  }

  Error error_of(const PGresult* result) const {
    if (PQresultErrorField(result, PG_DIAG_SQLSTATE) == nullptr) return lost();
    return replication_error(server_message(result), slot, publication);
  }

  Error publication_missing() const {
    Error error(ErrorCode::kPublicationMissing, "The publication " + publication + " does not exist on the source.");
    return error.because("PostgreSQL warned that it leaves its changes out.");
  }

  // --- commands

  void flush() {
    const int left = PQflush(connection());
    if (left < 0) throw lost();
    output_pending = left > 0;
  }

  /// Waits until PQgetResult would not block. False: the time is over, or a stop was asked for.
  bool wait_for_result(Clock::duration timeout, const std::stop_token& stop) {
    const std::stop_callback on_stop(stop, [this] { socket.wake(); });
    const auto deadline = Clock::now() + timeout;
    flush();
    while (true) {
      // After the connection's end PQgetResult gives what there is to tell.
      if (!read_input(connection()) || PQisBusy(connection()) == 0) return true;
      const auto now = Clock::now();
      if (stop.stop_requested() || now >= deadline) return false;
      socket.wait(PQsocket(connection()), output_pending, std::chrono::ceil<std::chrono::milliseconds>(deadline - now));
      if (output_pending) flush();
    }
  }

  /// A server that waits inside a command does not notice a connection that is merely closed.
  void cancel() {
    if (cancel_query(
            connection(), [this](std::chrono::milliseconds wait) { return wait_for_result(wait, {}); },
            kCancelPatience)) {
      drain();
    }
  }

  void drain() {
    while (const ResultHandle rest{PQgetResult(connection())}) {
    }
  }

  ResultHandle command(const std::string& sql, ExecStatusType expected, Clock::duration timeout,
                       const std::stop_token& stop) {
    if (stop.stop_requested()) throw interrupted();
    if (PQsendQuery(connection(), sql.c_str()) == 0) throw lost();
    if (!wait_for_result(timeout, stop)) {
      cancel();
      if (stop.stop_requested()) throw interrupted();
      throw Error(ErrorCode::kSourceUnreachable, "The source did not answer a replication command in time.");
    }
    ResultHandle result(PQgetResult(connection()));
    const auto status = PQresultStatus(result.get());
    drain();
    if (status == expected) return result;
    if (status == PGRES_FATAL_ERROR) throw error_of(result.get());
    throw Error(ErrorCode::kProtocol, "The source answered a replication command in an unexpected way.");
  }

  // --- the stream

  /// Waits until the server has answered START_REPLICATION.
  void open(const std::string& sql, std::filesystem::path spill_dir) {
    channel.emplace(connection(), std::move(spill_dir));
    channel->query(sql);
    const auto deadline = Clock::now() + kCommandTimeout;
    while (true) {
      if (!channel->flush()) throw stream_lost();
      const auto got = channel->receive();
      while (const auto message = channel->take()) {
        if (message->type == 'W') {  // CopyBothResponse
          streaming = true;
          return;
        }
        if (message->type == 'E') last_words = parse_server_message(message->body);
        if (message->type == 'N') hear(*message);
        if (message->type == 'Z') refused();
      }
      if (got == CopyChannel::Received::kEnd) refused();
      if (got == CopyChannel::Received::kSome) continue;
      const auto now = Clock::now();
      if (now >= deadline) {
        throw Error(ErrorCode::kSourceUnreachable, "The source did not answer a replication command in time.");
      }
      socket.wait(PQsocket(connection()), channel->output_pending(),
                  std::chrono::ceil<std::chrono::milliseconds>(deadline - now));
    }
  }

  [[noreturn]] void refused() {
    if (last_words) throw replication_error(*last_words, slot, publication);
    if (!channel->failure().empty()) throw stream_lost();
    throw Error(ErrorCode::kProtocol, "The source answered a replication command in an unexpected way.");
  }

  void hear(const CopyChannel::Message& notice) {
    if (warns_of_missing_publication(parse_server_message(notice.body))) publication_warned = true;
  }

  /// Tells why the stream is over.
  [[noreturn]] void ended() {
    streaming = false;
    if (last_words) throw replication_error(*last_words, slot, publication);
    throw Error(ErrorCode::kSourceUnreachable,
                "The source ended the stream of changes, as it does when it shuts down.");
  }

  /// For a connection that failed while writing: the server's last words may be still unread.
  [[noreturn]] void failed() {
    channel->discard_long();
    while (true) {
      while (const auto message = channel->take()) {
        if (message->type == 'E') last_words = parse_server_message(message->body);
        if (message->type == 'E' || message->type == 'c') ended();
      }
      if (channel->receive() != CopyChannel::Received::kSome) break;
    }
    streaming = false;
    throw stream_lost();
  }

  void write_status() {
    const auto flushed = confirmed.load(std::memory_order_acquire);
    std::array<char, kStatusSize> status{};
    status[0] = 'r';
    write_u64(&status[1], std::max(received, flushed));
    write_u64(&status[9], flushed);
    write_u64(&status[17], flushed);
    write_u64(&status[25], microseconds_since_2000());
    const bool queued = channel->write('d', {status.data(), status.size()});
    if (!channel->flush()) failed();
    last_status = Clock::now();
    if (!queued) {
      last_status -= kStatusInterval - kConfirmInterval;  // the last one has not gone out yet: tried again soon
      return;
    }
    reported = flushed;
  }

  Clock::time_point next_status() const {
    const bool moved = confirmed.load(std::memory_order_relaxed) != reported;
    return last_status + (moved ? Clock::duration(kConfirmInterval) : Clock::duration(kStatusInterval));
  }

  void write_status_when_due(bool look_at_clock) {
    if (look_at_clock && Clock::now() >= next_status()) write_status();
  }

  /// The next item of what has been received already; no system call but for a reply that the server asked for.
  std::optional<StreamItem> take() {
    if (publication_warned) throw publication_missing();
    while (const auto message = channel->take()) {
      if (message->type == 'N') hear(*message);
      if (publication_warned) throw publication_missing();
      if (message->type == 'd') {
        auto item = parse(message->body);
        item.payload.mapped = message->mapped;
        return item;
      }
      if (message->type == 'E') last_words = parse_server_message(message->body);
      if (message->type == 'E' || message->type == 'c' || message->type == 'Z') ended();
    }
    return std::nullopt;
  }

  StreamItem parse(std::string_view bytes) {
    StreamItem item;
    if (bytes[0] == 'w' && bytes.size() >= kDataHeader) {
      item.start = Lsn(read_u64(&bytes[1]));
      item.server_end = Lsn(read_u64(&bytes[9]));
      item.server_time = static_cast<std::int64_t>(read_u64(&bytes[17]));
      item.payload.view = bytes.substr(kDataHeader);
      received = std::max({received, item.start.value(), item.server_end.value()});
      return item;
    }
    if (bytes[0] == 'k' && bytes.size() >= kKeepaliveSize) {
      item.kind = StreamItem::Kind::kKeepalive;
      item.server_end = Lsn(read_u64(&bytes[1]));
      item.server_time = static_cast<std::int64_t>(read_u64(&bytes[9]));
      received = std::max(received, item.server_end.value());
      if (bytes[17] != 0) write_status();
      return item;
    }
    throw Error(ErrorCode::kProtocol, "The source sent a replication message of an unknown kind, of " +
                                          std::to_string(bytes.size()) + " bytes.");
  }

  std::optional<StreamItem> wait_for_item(std::chrono::milliseconds wait, const std::stop_token& stop) {
    const std::stop_callback on_stop(stop, [this] { socket.wake(); });
    const auto deadline = Clock::now() + wait;
    while (true) {
      const auto got = channel->receive();
      if (auto item = take()) return item;
      if (got == CopyChannel::Received::kEnd) {
        streaming = false;
        throw stream_lost();
      }
      if (stop.stop_requested()) throw interrupted();
      if (woken.exchange(false)) return std::nullopt;
      write_status_when_due(true);
      if (!channel->flush()) failed();
      const auto now = Clock::now();
      if (now >= deadline) return std::nullopt;
      if (got == CopyChannel::Received::kSome) continue;
      const auto event =
          socket.wait(PQsocket(connection()), channel->output_pending(),
                      std::chrono::ceil<std::chrono::milliseconds>(std::min(deadline, next_status()) - now));
      if (event == SocketWait::Event::kTimeout) channel->give_back_buffer();
    }
  }
};

ReplicationConnection::ReplicationConnection(const SourceEndpoint& endpoint, std::chrono::milliseconds timeout)
    : impl_(std::make_unique<Impl>(open_libpq(endpoint, timeout, SessionKind::kReplication))) {
  // The exported snapshot lives in an idle transaction; a user's own timeouts must not end it, nor a long slot
  // creation.
  std::string sql =
      "SELECT set_config('statement_timeout', '0', false), set_config('lock_timeout', '0', false), "
      "set_config('idle_in_transaction_session_timeout', '0', false)";
  if (server_version() >= 140000) sql += ", set_config('idle_session_timeout', '0', false)";
  impl_->command(sql, PGRES_TUPLES_OK, kCommandTimeout, {});
}

ReplicationConnection::~ReplicationConnection() = default;

SystemIdentity ReplicationConnection::identify() {
  const auto result = impl_->command("IDENTIFY_SYSTEM", PGRES_TUPLES_OK, kCommandTimeout, {});
  const bool whole = PQntuples(result.get()) == 1 && PQnfields(result.get()) >= 3;
  const auto flushed = whole ? Lsn::parse(PQgetvalue(result.get(), 0, 2)) : std::nullopt;
  if (!flushed) {
    throw Error(ErrorCode::kProtocol, "The source's answer to IDENTIFY_SYSTEM is not understood.");
  }
  return {.system_identifier = PQgetvalue(result.get(), 0, 0),
          .timeline = std::atoi(PQgetvalue(result.get(), 0, 1)),
          .flush_lsn = *flushed};
}

int ReplicationConnection::server_version() const {
  return PQserverVersion(impl_->connection());
}

void ReplicationConnection::prepare(const std::vector<std::string>& statements) {
  for (const auto& sql : statements) impl_->command(sql, PGRES_COMMAND_OK, kCommandTimeout, {});
}

ExportedSlot ReplicationConnection::create_temporary_slot(const std::string& name, const std::stop_token& stop) {
  impl_->slot = name;
  const auto result = impl_->command(temporary_slot_sql(name, server_version()), PGRES_TUPLES_OK, kNoTimeout, stop);
  const bool whole = PQntuples(result.get()) == 1 && PQnfields(result.get()) >= 3;
  const auto point = whole ? Lsn::parse(PQgetvalue(result.get(), 0, 1)) : std::nullopt;
  if (!point || PQgetisnull(result.get(), 0, 2) != 0) {
    throw Error(ErrorCode::kProtocol, "The source's answer to CREATE_REPLICATION_SLOT is not understood.");
  }
  return {
      .slot = PQgetvalue(result.get(), 0, 0), .snapshot = PQgetvalue(result.get(), 0, 2), .consistent_point = *point};
}

void ReplicationConnection::start(const StreamOptions& options) {
  impl_->slot = options.slot;
  impl_->publication = options.publication;
  impl_->received = options.start.value();
  impl_->last_status = Clock::now();
  impl_->open(start_replication_sql(options, server_version()), options.spill_dir);
}

std::optional<StreamItem> ReplicationConnection::next(std::chrono::milliseconds wait, const std::stop_token& stop) {
  if (stop.stop_requested()) throw interrupted();
  if (!impl_->streaming) {
    throw Error(ErrorCode::kSourceUnreachable, "The stream of changes is over; it needs a new connection.");
  }
  const bool look_at_clock = impl_->items_until_clock-- == 0;
  if (look_at_clock) impl_->items_until_clock = kItemsBetweenClocks;
  impl_->write_status_when_due(look_at_clock);
  if (auto item = impl_->take()) return item;
  return impl_->wait_for_item(wait, stop);
}

void ReplicationConnection::confirm(Lsn lsn) {
  auto before = impl_->confirmed.load(std::memory_order_relaxed);
  while (before < lsn.value()) {
    if (impl_->confirmed.compare_exchange_weak(before, lsn.value(), std::memory_order_release)) {
      impl_->socket.wake();
      return;
    }
  }
}

void ReplicationConnection::send_status() {
  if (impl_->streaming) impl_->write_status();
}

void ReplicationConnection::wake() {
  impl_->woken.store(true);
  impl_->socket.wake();
}

}  // namespace millrace::postgres
