// A name that stands for another address at the second look-up (DNS rebinding): what was judged is what is dialled.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>

#include "ingestion/http_transport.hpp"
#include "pipeline/judge_hosts.hpp"
#include "postgres/connection.hpp"
#include "server/host_policy.hpp"
#include "sqlserver/session.hpp"

namespace millrace::server {
namespace {

constexpr const char* kHost = "rebound.invalid";  // RFC 6761: the system's resolver never knows it
constexpr const char* kMetadata = "169.254.169.254";

/// A port of the loopback that takes connections, says nothing, and closes them.
class Door {
 public:
  Door() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), length), 0);
    EXPECT_EQ(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length), 0);
    EXPECT_EQ(::listen(socket_, 8), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        pollfd ready{socket_, POLLIN, 0};
        constexpr int kTickMs = 50;
        if (::poll(&ready, 1, kTickMs) <= 0) continue;
        const int guest = ::accept(socket_, nullptr, nullptr);
        if (guest < 0) continue;
        ++guests_;
        ::close(guest);
      }
    });
  }
  ~Door() {
    thread_.request_stop();
    thread_.join();
    ::close(socket_);
  }
  Door(const Door&) = delete;
  Door& operator=(const Door&) = delete;
  std::uint16_t port() const { return port_; }
  int guests() const { return guests_; }

 private:
  int socket_;
  std::uint16_t port_ = 0;
  std::atomic<int> guests_{0};
  std::jthread thread_;
};

/// A name server that gives its answers one after the other, and the last one for ever.
struct Names {
  std::vector<std::string> answers;
  std::shared_ptr<std::atomic<std::size_t>> asked = std::make_shared<std::atomic<std::size_t>>(0);

  HostGuard guard() const {
    return make_host_guard(security::AddressPolicy::with_loopback(),
                           [answers = answers, asked = asked](const std::string& host) -> std::vector<std::string> {
                             if (host != kHost) return {host};
                             return {answers.at(std::min((*asked)++, answers.size() - 1))};
                           });
  }
};

enum class Way { kPostgres, kSqlServer, kConnect };

class PinnedConnect : public ::testing::TestWithParam<Way> {
 protected:
  static constexpr std::chrono::seconds kPatience{5};

  /// The error of the attempt: nobody behind the door speaks any of their languages.
  ErrorCode attempt(const HostGuard& guard) const {
    try {
      dial(guard);
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::kInternal;
  }

  void dial(const HostGuard& guard) const {
    if (GetParam() == Way::kPostgres) {
      SourceEndpoint source;
      reach(source, guard);
      const postgres::Connection connection(source, kPatience);
    } else if (GetParam() == Way::kSqlServer) {
      TargetEndpoint target;
      reach(target, guard);
      const sqlserver::Session session(target, kPatience);
    } else {
      pipeline::ConnectEndpoint connect;
      connect.url = "http://" + std::string(kHost) + ":" + std::to_string(door.port());
      connect.guard = guard;
      ingestion::make_curl_transport(connect)->send({.method = "GET", .path = "/", .body = {}}, {});
    }
  }

  template <typename Endpoint>
  void reach(Endpoint& endpoint, const HostGuard& guard) const {
    endpoint.host = kHost;
    endpoint.port = door.port();
    endpoint.database = "d";
    endpoint.user = "u";
    endpoint.guard = guard;
  }

  ErrorCode unreachable() const {
    return GetParam() == Way::kPostgres    ? ErrorCode::kSourceUnreachable
           : GetParam() == Way::kSqlServer ? ErrorCode::kTargetUnreachable
                                           : ErrorCode::kConnectUnreachable;
  }

  Door door;
};

TEST_P(PinnedConnect, WhatWasJudgedIsDialledWithoutASecondLook) {
  const Names names{{"127.0.0.1", kMetadata}};
  EXPECT_EQ(attempt(names.guard()), unreachable());
  EXPECT_EQ(*names.asked, 1U);
  EXPECT_GE(door.guests(), 1) << "the judged address was dialled: the system does not know the name";
}

TEST_P(PinnedConnect, ANameThatMovesAfterItWasJudgedIsRefusedAtTheConnect) {
  const Names names{{"127.0.0.1", kMetadata}};
  const auto guard = names.guard();
  ASSERT_EQ(guard(kHost, door.port()), std::vector<std::string>{"127.0.0.1"}) << "as when a pipeline is made";
  EXPECT_EQ(attempt(guard), ErrorCode::kAddressRefused);
  EXPECT_EQ(door.guests(), 0);
}

INSTANTIATE_TEST_SUITE_P(Ways, PinnedConnect, ::testing::Values(Way::kPostgres, Way::kSqlServer, Way::kConnect),
                         [](const auto& tested) {
                           return tested.param == Way::kPostgres    ? "Postgres"
                                  : tested.param == Way::kSqlServer ? "SqlServer"
                                                                    : "KafkaConnect";
                         });

}  // namespace
}  // namespace millrace::server
