#include "sqlserver/table_in_use.hpp"

#include <chrono>
#include <stop_token>

#include "schema/target_ddl.hpp"
#include "support/error.hpp"
#include "support/retry.hpp"

namespace millrace::sqlserver {
namespace {

constexpr std::chrono::milliseconds kOneWait{1000};
constexpr std::chrono::milliseconds kBetweenWaits{200};
constexpr std::chrono::seconds kPatience{60};

/// The session's own lock timeout, back when the step is over.
class ShortWaits {
 public:
  explicit ShortWaits(Session& session) : session_(session), before_(session.lock_timeout()) {
    session_.set_lock_timeout(kOneWait);
  }
  ~ShortWaits() {
    try {
      session_.set_lock_timeout(before_);
    } catch (const std::exception&) {  // the session is lost, and whoever uses it next is told
    }
  }
  ShortWaits(const ShortWaits&) = delete;
  ShortWaits& operator=(const ShortWaits&) = delete;

 private:
  Session& session_;
  std::chrono::milliseconds before_;
};

}  // namespace

void take_from_run(Session& session, const std::function<void()>& step) {
  const ShortWaits waits(session);
  const auto until = std::chrono::steady_clock::now() + kPatience;
  ClockPause pause;
  while (true) {
    try {
      return step();
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kTargetBusy || std::chrono::steady_clock::now() >= until) throw;
    }
    pause.wait(kBetweenWaits, std::stop_token());
  }
}

void drop_table_from_run(Session& session, const schema::TableName& table) {
  take_from_run(session, [&] { session.execute(schema::drop_table_sql(table)); });
}

}  // namespace millrace::sqlserver
