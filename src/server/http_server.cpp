#include "server/http_server.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include <array>
#include <atomic>
#include <deque>
#include <list>
#include <mutex>
#include <optional>
#include <thread>

#include "support/error.hpp"

namespace millrace::server {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Tcp = asio::ip::tcp;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;

constexpr std::chrono::seconds kLinger{5};
constexpr std::size_t kLingerBytes = std::size_t{16} << 20;
constexpr std::size_t kMaxUnreadBytes = 1024 * 1024;
constexpr std::chrono::seconds kStreamBeat{15};
constexpr std::chrono::seconds kTlsTimeout{10};
constexpr int kIoThreads = 2;

/// What a connection needs of its server.
struct Shared {
  HttpSettings settings;
  HttpServer::Handler handler;
  std::atomic<std::size_t> connections{0};
  std::atomic<std::size_t> working{0};
  std::atomic<bool> draining{false};
  std::atomic<std::uint64_t> requests{0};
  std::string run_id;
  std::mutex mutex;
  std::list<std::function<void()>> closers;  ///< one a connection: ends it when it is idle or a stream
  asio::thread_pool pool;

  Shared(HttpSettings given, HttpServer::Handler given_handler)
      : settings(std::move(given)),
        handler(std::move(given_handler)),
        pool(static_cast<std::size_t>(settings.workers)) {}
};

std::string lower(std::string text) {
  for (auto& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

template <typename Stream>
class Connection : public StreamWriter, public std::enable_shared_from_this<Connection<Stream>> {
 public:
  Connection(Stream stream, std::shared_ptr<Shared> shared, std::string address)
      : stream_(std::move(stream)),
        shared_(std::move(shared)),
        address_(std::move(address)),
        beat_(stream_.get_executor()) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() override {
    const std::lock_guard lock(shared_->mutex);
    if (listed_) shared_->closers.erase(place_);
    --shared_->connections;
  }

  void start() {
    {
      const std::lock_guard lock(shared_->mutex);
      place_ = shared_->closers.insert(shared_->closers.end(), [weak = this->weak_from_this()] {
        if (const auto self = weak.lock()) {
          asio::post(self->stream_.get_executor(), [self] {
            if (!self->busy_) self->close();
          });
        }
      });
      listed_ = true;
    }
    asio::dispatch(stream_.get_executor(), [self = this->shared_from_this()] { self->greet(); });
  }

  void write(std::string text) override {
    asio::post(stream_.get_executor(), [self = this->shared_from_this(), text = std::move(text)]() mutable {
      if (self->closed_) return;
      self->unread_ += text.size();
      if (self->unread_ > kMaxUnreadBytes) return self->close();
      self->queue_.push_back(std::move(text));
      if (self->queue_.size() == 1) self->pump();
    });
  }
  bool closed() const override { return closed_; }

 private:
  void greet() {
    if constexpr (std::is_same_v<Stream, TlsStream>) {
      beast::get_lowest_layer(stream_).expires_after(kTlsTimeout);
      stream_.async_handshake(asio::ssl::stream_base::server,
                              [self = this->shared_from_this()](const beast::error_code& failure) {
                                if (failure) return self->close();
                                self->read();
                              });
    } else {
      read();
    }
  }

  void read() {
    if (shared_->draining) return close();
    busy_ = false;
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(shared_->settings.max_header_bytes));
    parser_->body_limit(shared_->settings.max_body_bytes);
    beast::get_lowest_layer(stream_).expires_after(shared_->settings.read_timeout);
    http::async_read(
        stream_, buffer_, *parser_,
        [self = this->shared_from_this()](const beast::error_code& failure, std::size_t) { self->on_read(failure); });
  }

  void on_read(const beast::error_code& failure) {
    if (failure == http::error::body_limit) return refuse(413, "The body is larger than the server takes.");
    if (failure == http::error::header_limit) return refuse(431, "The headers are larger than the server takes.");
    if (failure && failure.category() == http::make_error_code(http::error::bad_method).category() &&
        failure != http::error::end_of_stream && failure != http::error::partial_message) {
      return refuse(400, "This is not an HTTP/1.1 request.");
    }
    if (failure) return close();
    busy_ = true;
    auto request = std::make_shared<Request>();
    const auto& message = parser_->get();
    keep_alive_ = message.keep_alive();
    request->method = std::string(message.method_string());
    const std::string target(message.target());
    const auto question = target.find('?');
    if (question != std::string::npos) request->query = target.substr(question + 1);
    if (!percent_decode(target.substr(0, question), request->path) || !request->path.starts_with('/')) {
      return refuse(400, "The request's path is malformed.");
    }
    for (const auto& field : message) {
      request->headers.emplace_back(lower(std::string(field.name_string())), std::string(field.value()));
    }
    request->body = std::move(parser_->get().body());
    request->address = address_;
    request->id = shared_->run_id + "-" + std::to_string(++shared_->requests);
    head_only_ = request->method == "HEAD";
    ++shared_->working;
    // The connection waits for its worker however long that takes: handlers have bounds of their own.
    beast::get_lowest_layer(stream_).expires_never();
    asio::post(shared_->pool, [self = this->shared_from_this(), request] {
      auto response = std::make_shared<Response>(self->shared_->handler(*request));
      asio::post(self->stream_.get_executor(), [self, response] { self->answer(*response); });
    });
  }

  void refuse(int status, const std::string& detail) {
    busy_ = true;
    refused_ = true;
    keep_alive_ = false;
    head_only_ = false;
    ++shared_->working;
    Response response{.status = status, .type = "application/problem+json"};
    response.body = R"({"type":"about:blank","title":"The request cannot be taken","status":)" +
                    std::to_string(status) + R"(,"code":"request.refused","detail":")" + detail + "\"}";
    answer(response);
  }

  void answer(const Response& response) {
    auto message = std::make_shared<http::response<http::string_body>>();
    message->version(11);
    message->result(static_cast<unsigned>(response.status));
    message->set(http::field::content_type, response.type);
    for (const auto& [name, value] : response.headers) message->insert(name, value);
    if (response.stream) return begin_stream(response, *message);
    message->keep_alive(keep_alive_ && !shared_->draining);
    message->body() = response.body;
    message->prepare_payload();
    if (head_only_) message->body().clear();
    beast::get_lowest_layer(stream_).expires_after(shared_->settings.read_timeout);
    if (head_only_) {
      // The length is that of the body that is not sent.
      auto serializer = std::make_shared<http::response_serializer<http::string_body>>(*message);
      http::async_write_header(
          stream_, *serializer,
          [self = this->shared_from_this(), message, serializer](const beast::error_code& failure, std::size_t) {
            self->answered(failure, message->keep_alive());
          });
      return;
    }
    http::async_write(stream_, *message,
                      [self = this->shared_from_this(), message](const beast::error_code& failure, std::size_t) {
                        self->answered(failure, message->keep_alive());
                      });
  }

  void answered(const beast::error_code& failure, bool keep) {
    --shared_->working;
    if (failure || !keep) return failure || !refused_ ? close() : linger();
    read();
  }

  /// A client that still sends what was refused would meet a reset instead of the answer, were the socket closed at
  /// once: what comes is thrown away for a while.
  void linger() {
    auto& lowest = beast::get_lowest_layer(stream_);
    beast::error_code ignored;
    lowest.socket().shutdown(Tcp::socket::shutdown_send, ignored);
    lowest.expires_after(kLinger);
    throw_away(kLingerBytes);
  }

  void throw_away(std::size_t left) {
    beast::get_lowest_layer(stream_).async_read_some(
        asio::buffer(scratch_),
        [self = this->shared_from_this(), left](const beast::error_code& failure, std::size_t size) {
          if (failure || size >= left) return self->close();
          self->throw_away(left - size);
        });
  }

  void begin_stream(const Response& response, http::response<http::string_body>& message) {
    --shared_->working;
    busy_ = false;
    streaming_ = true;
    beast::get_lowest_layer(stream_).expires_never();
    std::string head = "HTTP/1.1 200 OK\r\nConnection: close\r\n";
    for (const auto& field : message) {
      head += std::string(field.name_string()) + ": " + std::string(field.value()) + "\r\n";
    }
    write(head + "\r\n");
    watch_stream();
    may_stay_ = response.may_stay;
    beat();
    response.stream(this->shared_from_this());
  }

  /// A client that goes away is noticed by reading.
  void watch_stream() {
    stream_.async_read_some(asio::buffer(scratch_),
                            [self = this->shared_from_this()](const beast::error_code& failure, std::size_t) {
                              if (failure) return self->close();
                              self->watch_stream();
                            });
  }

  void beat() {
    beat_.expires_after(kStreamBeat);
    beat_.async_wait([weak = this->weak_from_this()](const beast::error_code& failure) {
      const auto self = weak.lock();
      if (failure || !self || self->closed_) return;
      self->write(": beat\n\n");
      self->beat();
      if (self->may_stay_) self->ask_whether_it_may_stay();
    });
  }

  /// In a worker: it may take its time.
  void ask_whether_it_may_stay() {
    asio::post(shared_->pool, [self = this->shared_from_this()] {
      bool stays = false;
      try {
        stays = self->may_stay_();
      } catch (const std::exception&) {
        // Nobody can say: the client comes back and is asked for its credential.
      }
      if (!stays) asio::post(self->stream_.get_executor(), [self] { self->close(); });
    });
  }

  void pump() {
    asio::async_write(stream_, asio::buffer(queue_.front()),
                      [self = this->shared_from_this()](const beast::error_code& failure, std::size_t) {
                        if (failure) return self->close();
                        self->unread_ -= self->queue_.front().size();
                        self->queue_.pop_front();
                        if (!self->queue_.empty()) self->pump();
                      });
  }

  void close() {
    if (closed_.exchange(true)) return;
    beat_.cancel();
    beast::error_code ignored;
    auto& socket = beast::get_lowest_layer(stream_).socket();
    socket.shutdown(Tcp::socket::shutdown_send, ignored);
    beast::get_lowest_layer(stream_).close();
  }

  Stream stream_;
  std::shared_ptr<Shared> shared_;
  std::string address_;
  asio::steady_timer beat_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::function<bool()> may_stay_;
  std::deque<std::string> queue_;
  std::array<char, 4096> scratch_{};
  std::size_t unread_ = 0;
  bool keep_alive_ = false;
  bool head_only_ = false;
  bool busy_ = false;
  bool refused_ = false;
  bool streaming_ = false;
  bool listed_ = false;
  std::atomic<bool> closed_{false};
  std::list<std::function<void()>>::iterator place_;
};

}  // namespace

struct HttpServer::Impl {
  std::shared_ptr<Shared> shared;
  asio::io_context io{kIoThreads};
  asio::ssl::context tls{asio::ssl::context::tls_server};
  bool secure = false;
  Tcp::acceptor acceptor{io};
  std::vector<std::jthread> threads;

  void open() {
    const auto& settings = shared->settings;
    beast::error_code failure;
    const auto address = asio::ip::make_address(settings.address, failure);
    if (failure) {
      throw Error(ErrorCode::kUsage, "The address to listen on is not a numeric one: " + settings.address + ".",
                  {.field = "listen"});
    }
    secure = !settings.certificate_file.empty();
    if (secure) {
      tls.set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1, failure);
      tls.use_certificate_chain_file(settings.certificate_file, failure);
      if (!failure) tls.use_private_key_file(settings.key_file, asio::ssl::context::pem, failure);
      if (failure) {
        throw Error(ErrorCode::kUsage, "The certificate or its key cannot be read.", {.field = "tls-cert"})
            .because(failure.message());
      }
    }
    const Tcp::endpoint endpoint(address, settings.port);
    acceptor.open(endpoint.protocol(), failure);
    if (!failure) acceptor.set_option(Tcp::acceptor::reuse_address(true), failure);
    if (!failure) acceptor.bind(endpoint, failure);
    if (!failure) acceptor.listen(asio::socket_base::max_listen_connections, failure);
    if (failure) {
      throw Error(ErrorCode::kUsage, "Cannot listen on " + settings.address + ":" + std::to_string(settings.port) + ".",
                  {.field = "listen"})
          .because(failure.message());
    }
  }

  void accept() {
    acceptor.async_accept(asio::make_strand(io), [this](const beast::error_code& failure, Tcp::socket socket) {
      if (shared->draining || failure == asio::error::operation_aborted) return;
      if (!failure) take(std::move(socket));
      accept();
    });
  }

  void take(Tcp::socket socket) {
    if (shared->connections >= shared->settings.max_connections) return;  // closed by its destructor
    beast::error_code failure;
    const auto peer = socket.remote_endpoint(failure);
    if (failure) return;
    ++shared->connections;
    const auto address = peer.address().to_string();
    if (secure) {
      std::make_shared<Connection<TlsStream>>(TlsStream(beast::tcp_stream(std::move(socket)), tls), shared, address)
          ->start();
    } else {
      std::make_shared<Connection<beast::tcp_stream>>(beast::tcp_stream(std::move(socket)), shared, address)->start();
    }
  }
};

HttpServer::HttpServer(HttpSettings settings, Handler handler) : impl_(std::make_shared<Impl>()) {
  impl_->shared = std::make_shared<Shared>(std::move(settings), std::move(handler));
  impl_->shared->run_id = std::to_string(std::chrono::system_clock::now().time_since_epoch().count() % 1'000'000'000);
  impl_->open();
  impl_->accept();
  for (int i = 0; i < kIoThreads; ++i) {
    impl_->threads.emplace_back([io = &impl_->io] { io->run(); });
  }
}

HttpServer::~HttpServer() {
  impl_->shared->draining = true;
  impl_->shared->pool.join();
  impl_->io.stop();
  impl_->threads.clear();
}

std::uint16_t HttpServer::port() const {
  return impl_->acceptor.local_endpoint().port();
}

void HttpServer::drain(std::chrono::seconds time) {
  auto& shared = *impl_->shared;
  shared.draining = true;
  // Not a share of it: the queue that holds this is its own part.
  asio::post(impl_->io, [impl = impl_.get()] {
    beast::error_code ignored;
    impl->acceptor.close(ignored);
  });
  // Outside the lock: the last holder of a connection may be its closer, and a connection that ends takes the lock.
  const auto closers = [&] {
    const std::lock_guard lock(shared.mutex);
    return shared.closers;
  }();
  for (const auto& close : closers) close();
  const auto end = std::chrono::steady_clock::now() + time;
  asio::steady_timer tick(impl_->io);
  while (shared.working > 0 && std::chrono::steady_clock::now() < end) {
    tick.expires_after(std::chrono::milliseconds(20));
    beast::error_code ignored;
    tick.wait(ignored);
  }
}

}  // namespace millrace::server
