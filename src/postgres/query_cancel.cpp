#include "postgres/query_cancel.hpp"

#include <algorithm>
#include <array>
#include <memory>

namespace millrace::postgres {

bool cancel_query(PGconn* connection, const std::function<bool(std::chrono::milliseconds)>& ended_within,
                  std::chrono::milliseconds patience) {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds kLongestWait(1000);
  const std::unique_ptr<PGcancel, decltype(&PQfreeCancel)> request(PQgetCancel(connection), PQfreeCancel);
  const auto deadline = Clock::now() + patience;
  // The answer to a request that was heard comes at once.
  std::chrono::milliseconds wait(50);
  while (true) {
    std::array<char, 256> reason{};
    if (request) PQcancel(request.get(), reason.data(), static_cast<int>(reason.size()));
    if (ended_within(wait)) return true;
    if (Clock::now() >= deadline) return false;
    wait = std::min(wait * 2, kLongestWait);
  }
}

}  // namespace millrace::postgres
