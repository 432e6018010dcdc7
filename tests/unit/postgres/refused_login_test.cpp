#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "postgres/connection.hpp"

namespace millrace::postgres {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// A server that reads the start-up packet, refuses every login with one ErrorResponse (PostgreSQL protocol 3.0) and
/// closes.
class RefusingServer {
 public:
  RefusingServer(const std::string& severity, const std::string& sqlstate, const std::string& text) {
    answer_ = 'S' + severity + '\0' + "VFATAL" + '\0' + 'C' + sqlstate + '\0' + 'M' + text + '\0' + '\0';
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof address;
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, plain, length) != 0 || ::listen(listener_, 4) != 0 ||
        ::getsockname(listener_, plain, &length) != 0) {
      throw std::runtime_error("no loopback socket");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~RefusingServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  RefusingServer(const RefusingServer&) = delete;
  RefusingServer& operator=(const RefusingServer&) = delete;

  SourceEndpoint endpoint() const {
    return {.host = "127.0.0.1",
            .port = port_,
            .database = "shop",
            .user = "repl",
            .password = Secret("streng-geheim"),
            .sslmode = "disable"};
  }

 private:
  void serve() const {
    for (int client = ::accept(listener_, nullptr, nullptr); client >= 0;
         client = ::accept(listener_, nullptr, nullptr)) {
      std::uint32_t length = 0;
      std::string packet;
      if (::recv(client, &length, sizeof length, MSG_WAITALL) == sizeof length) {
        packet.resize(ntohl(length) - sizeof length);
        ::recv(client, packet.data(), packet.size(), MSG_WAITALL);
        const std::uint32_t size = htonl(static_cast<std::uint32_t>(answer_.size() + sizeof size));
        const std::string message = 'E' + std::string(reinterpret_cast<const char*>(&size), sizeof size) + answer_;
        ::send(client, message.data(), message.size(), MSG_NOSIGNAL);
      }
      ::close(client);
    }
  }

  std::string answer_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

struct Refusal {
  const char* severity;
  const char* sqlstate;
  const char* text;
  ErrorCode code;
};

class RefusedLogin : public ::testing::TestWithParam<Refusal> {};

// A server speaks the language of its lc_messages, so the words cannot decide alone.
TEST_P(RefusedLogin, IsUnderstoodInAnyLanguage) {
  const RefusingServer server(GetParam().severity, GetParam().sqlstate, GetParam().text);
  try {
    Connection connection(server.endpoint(), std::chrono::seconds(5));
    FAIL() << "connected";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), GetParam().code) << error.cause();
    EXPECT_THAT(error.cause(), HasSubstr(GetParam().text));
    EXPECT_THAT(error.message() + error.cause(), Not(HasSubstr("streng-geheim")));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Servers, RefusedLogin,
    ::testing::Values(
        Refusal{"FATAL", "28P01", "password authentication failed for user \"repl\"", ErrorCode::kSourceAuth},
        Refusal{"FATAL", "28P01", "Passwort-Authentifizierung für Benutzer »repl« fehlgeschlagen",
                ErrorCode::kSourceAuth},
        Refusal{"ВАЖНО", "28000", "в pg_hba.conf нет записи для компьютера", ErrorCode::kSourceAuth},
        Refusal{"FATAL", "3D000", "Datenbank »shop« existiert nicht", ErrorCode::kSourceDatabaseNotFound},
        Refusal{"FATAL", "42501", "keine Berechtigung für Datenbank »shop«", ErrorCode::kSourcePermission},
        Refusal{"FATAL", "57P03", "das Datenbanksystem startet", ErrorCode::kSourceUnreachable},
        Refusal{"FATAL", "53300", "sorry, too many clients already", ErrorCode::kSourceUnreachable}));

}  // namespace
}  // namespace millrace::postgres
