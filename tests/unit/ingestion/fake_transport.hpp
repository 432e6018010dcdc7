#pragma once

#include <deque>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "ingestion/http_transport.hpp"
#include "support/error.hpp"
#include "support/retry.hpp"

namespace millrace::ingestion {

/// Answers requests from a script, in order, and remembers what was asked. A request beyond the script fails.
struct FakeWire {
  using Answer = std::variant<HttpResponse, Error>;
  std::deque<Answer> script;
  std::vector<HttpRequest> requests;

  FakeWire& answer(long status, std::string body = "") {
    script.emplace_back(HttpResponse{status, std::move(body)});
    return *this;
  }
  FakeWire& broken() {
    script.emplace_back(Error(ErrorCode::kConnectUnreachable, "No answer."));
    return *this;
  }
};

class FakeTransport : public HttpTransport {
 public:
  explicit FakeTransport(FakeWire& wire) : wire_(wire) {}

  HttpResponse send(const HttpRequest& request, const std::stop_token&) override {
    wire_.requests.push_back(request);
    if (wire_.script.empty()) throw Error(ErrorCode::kInternal, "unexpected " + request.method + " " + request.path);
    const auto next = std::move(wire_.script.front());
    wire_.script.pop_front();
    if (const auto* error = std::get_if<Error>(&next)) throw *error;
    return std::get<HttpResponse>(next);
  }

 private:
  FakeWire& wire_;
};

/// Time passes at once; the waits are remembered.
class FakePause : public Pause {
 public:
  bool wait(Milliseconds time, const std::stop_token& stop) override {
    waits.push_back(time);
    if (on_wait) on_wait();
    return !stop.stop_requested();
  }
  Milliseconds total() const {
    Milliseconds sum{0};
    for (const auto time : waits) sum += time;
    return sum;
  }
  std::vector<Milliseconds> waits;
  std::function<void()> on_wait;
};

}  // namespace millrace::ingestion
