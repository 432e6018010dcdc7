#include "ingestion/http_transport.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <future>
#include <thread>

#include "support/error.hpp"

namespace millrace::ingestion {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr int kPatienceMs = 3000;

/// Listens on a free port of the loopback and answers one request; `received` is what came.
class OneShotServer {
 public:
  explicit OneShotServer(std::string answer) : listener_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener_, 4) != 0) std::abort();
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    worker_ = std::async(std::launch::async, [this, answer] { return serve(answer); });
  }
  ~OneShotServer() {
    if (worker_.valid()) worker_.wait();
    close(listener_);
  }
  OneShotServer(const OneShotServer&) = delete;
  OneShotServer& operator=(const OneShotServer&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::string received() { return worker_.get(); }
  void wait_for_request() { arrived_.get_future().wait_for(std::chrono::milliseconds(kPatienceMs)); }

 private:
  static bool readable(int socket) {
    pollfd wanted{socket, POLLIN, 0};
    return poll(&wanted, 1, kPatienceMs) == 1;
  }

  /// Reads up to the end of a body of the length that the head tells; an empty answer leaves the client waiting.
  std::string serve(const std::string& answer) {
    if (!readable(listener_)) return "";
    const int peer = accept(listener_, nullptr, nullptr);
    std::string request;
    while (!complete(request) && readable(peer)) {
      char buffer[4096];
      const auto count = recv(peer, buffer, sizeof buffer, 0);
      if (count <= 0) break;
      request.append(buffer, static_cast<std::size_t>(count));
    }
    arrived_.set_value();
    if (answer.empty()) {
      readable(peer);  // until the client gives up
    } else {
      send(peer, answer.data(), answer.size(), MSG_NOSIGNAL);
    }
    close(peer);
    return request;
  }

  static bool complete(const std::string& request) {
    const auto head = request.find("\r\n\r\n");
    if (head == std::string::npos) return false;
    const auto length = request.find("Content-Length: ");
    const auto wanted = length == std::string::npos ? 0 : std::stoul(request.substr(length + 16));
    return request.size() - head - 4 >= wanted;
  }

  int listener_;
  int port_ = 0;
  std::promise<void> arrived_;
  std::future<std::string> worker_;
};

constexpr const char* kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";

HttpResponse ask(pipeline::ConnectEndpoint endpoint, const OneShotServer& server, HttpRequest request = {"GET", "/x"}) {
  endpoint.url = server.url();
  return make_curl_transport(endpoint)->send(request, std::stop_token());
}

TEST(HttpTransport, SendsMethodPathAndBody) {
  OneShotServer server("HTTP/1.1 201 Created\r\nContent-Length: 5\r\nConnection: close\r\n\r\n[1,2]");
  const auto response = ask({}, server, {.method = "PUT", .path = "/connectors/a%20b/config", .body = R"({"k":"v"})"});
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.body, "[1,2]");
  const auto request = server.received();
  EXPECT_THAT(request, HasSubstr("PUT /connectors/a%20b/config HTTP/1.1\r\n"));
  EXPECT_THAT(request, HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_THAT(request, HasSubstr("\r\n\r\n{\"k\":\"v\"}"));
}

TEST(HttpTransport, BasicAuthentication) {
  OneShotServer server(kOk);
  ask({.user = "ann", .password = Secret("pw")}, server);
  EXPECT_THAT(server.received(), HasSubstr("Authorization: Basic YW5uOnB3\r\n"));
}

TEST(HttpTransport, BearerToken) {
  OneShotServer server(kOk);
  ask({.token = Secret("abc.def")}, server);
  EXPECT_THAT(server.received(), HasSubstr("Authorization: Bearer abc.def\r\n"));
}

TEST(HttpTransport, RedirectIsNotFollowedWithCredentials) {
  OneShotServer server(
      "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(ask({.user = "ann", .password = Secret("pw")}, server).status, 302);
}

TEST(HttpTransport, ProxyOfTheEnvironmentIsLeftOutForTheLoopback) {
  setenv("http_proxy", "http://127.0.0.1:9", 1);
  OneShotServer server(kOk);
  const auto response = ask({}, server);
  unsetenv("http_proxy");
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(server.received(), HasSubstr("GET /x HTTP/1.1\r\n"));
}

TEST(HttpTransport, SilentServerEndsWithTheTimeout) {
  OneShotServer server("");
  try {
    ask({}, server, {.method = "GET", .path = "/", .timeout = std::chrono::milliseconds(200)});
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kConnectUnreachable);
    EXPECT_THAT(error.cause(), HasSubstr("timed out"));
  }
}

TEST(HttpTransport, StopEndsARequestThatWaits) {
  OneShotServer server("");
  std::stop_source stop;
  pipeline::ConnectEndpoint endpoint{.url = server.url()};
  const auto transport = make_curl_transport(endpoint);
  const auto begin = std::chrono::steady_clock::now();
  auto asked =
      std::async(std::launch::async, [&] { transport->send({.method = "GET", .path = "/"}, stop.get_token()); });
  server.wait_for_request();
  stop.request_stop();
  try {
    asked.get();
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInterrupted);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3));
}

TEST(HttpTransport, PasswordOfTheUrlStaysHidden) {
  const auto transport = make_curl_transport({.url = "http://ann:pw-secret@127.0.0.1:1"});
  try {
    transport->send({.method = "GET", .path = "/"}, std::stop_token());
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_THAT(std::string(error.what()) + error.cause(), Not(HasSubstr("pw-secret")));
  }
}

TEST(HttpTransport, ProxyIsLeftOutAlsoWithAUserInTheUrl) {
  setenv("http_proxy", "http://127.0.0.1:9", 1);
  OneShotServer server(kOk);
  std::string url = server.url();
  url.insert(url.find("://") + 3, "ann:pw@");
  const auto response = make_curl_transport({.url = url})->send({.method = "GET", .path = "/"}, std::stop_token());
  unsetenv("http_proxy");
  EXPECT_EQ(response.status, 200);
}

TEST(HttpTransport, OtherSchemesAreRefused) {
  EXPECT_THROW(make_curl_transport({.url = "ftp://connect"}), Error);
  EXPECT_THROW(make_curl_transport({.url = "connect:8083"}), Error);
}

}  // namespace
}  // namespace millrace::ingestion
