#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace millrace::sqlserver {

/// A port of this machine from which bytes go to a server and back, until the line is cut. New connections are taken
/// afterwards too.
class CutLine {
 public:
  CutLine(const std::string& host, std::uint16_t port) : host_(host), server_port_(port) {
    const sockaddr_in any = address("127.0.0.1", 0);
    socklen_t size = sizeof any;
    sockaddr_in bound{};
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    if (::bind(listener_, reinterpret_cast<const sockaddr*>(&any), size) != 0 || ::listen(listener_, 8) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&bound), &size) != 0 || ::pipe(wake_.data()) != 0) {
      throw std::runtime_error("no port for a relay");
    }
    port_ = ntohs(bound.sin_port);
    thread_ = std::thread([this] { relay(); });
  }
  ~CutLine() {
    tell('q');
    thread_.join();
    for (const int open : {listener_, wake_[0], wake_[1]}) ::close(open);
  }
  CutLine(const CutLine&) = delete;
  CutLine& operator=(const CutLine&) = delete;

  std::uint16_t port() const { return port_; }
  /// Both ends of every connection see it closed.
  void cut() { tell('c'); }

 private:
  static sockaddr_in address(const std::string& host, std::uint16_t port) {
    sockaddr_in out{};
    out.sin_family = AF_INET;
    out.sin_port = htons(port);
    ::inet_pton(AF_INET, host.c_str(), &out.sin_addr);
    return out;
  }

  void tell(char word) const {
    if (::write(wake_[1], &word, 1) != 1) throw std::runtime_error("the relay does not listen");
  }

  void close_all() {
    for (const auto& [from, to] : peers_) ::close(from);
    peers_.clear();
  }

  void accept_one() {
    const int client = ::accept(listener_, nullptr, nullptr);
    const int server = ::socket(AF_INET, SOCK_STREAM, 0);
    const sockaddr_in to = address(host_, server_port_);
    ::connect(server, reinterpret_cast<const sockaddr*>(&to), sizeof to);
    peers_[client] = server;
    peers_[server] = client;
  }

  void pass_on(int from) {
    const auto found = peers_.find(from);
    if (found == peers_.end()) return;
    const int to = found->second;
    std::array<char, 65536> bytes{};
    const ssize_t got = ::recv(from, bytes.data(), bytes.size(), 0);
    ssize_t sent = 0;
    while (got > 0 && sent < got) {
      const ssize_t now = ::send(to, bytes.data() + sent, static_cast<std::size_t>(got - sent), MSG_NOSIGNAL);
      if (now <= 0) break;
      sent += now;
    }
    if (got > 0 && sent == got) return;
    for (const int end : {from, to}) {
      ::close(end);
      peers_.erase(end);
    }
  }

  void relay() {
    for (;;) {
      std::vector<pollfd> waiting = {{wake_[0], POLLIN, 0}, {listener_, POLLIN, 0}};
      for (const auto& [from, to] : peers_) waiting.push_back({from, POLLIN, 0});
      ::poll(waiting.data(), waiting.size(), -1);
      if (waiting[0].revents != 0) {
        char word = 'q';
        if (::read(wake_[0], &word, 1) != 1) word = 'q';
        close_all();
        if (word == 'q') return;
        continue;
      }
      if (waiting[1].revents != 0) accept_one();
      for (std::size_t i = 2; i < waiting.size(); ++i) {
        if (waiting[i].revents != 0) pass_on(waiting[i].fd);
      }
    }
  }

  std::string host_;
  std::uint16_t server_port_;
  std::uint16_t port_ = 0;
  int listener_ = -1;
  std::array<int, 2> wake_{};
  std::map<int, int> peers_;
  std::thread thread_;
};

}  // namespace millrace::sqlserver
