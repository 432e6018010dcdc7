#include "store/database.hpp"

#include <fmt/format.h>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <vector>

#include "store/location.hpp"
#include "store/migrations.hpp"
#include "store/postgres_backend.hpp"
#include "store/sqlite_backend.hpp"
#include "support/endpoint.hpp"

namespace millrace::store {
namespace {

constexpr std::size_t kConnections = 8;
constexpr auto kWaitForConnection = std::chrono::seconds(30);
constexpr int kAttempts = 5;
constexpr const char* kDefaultSchema = "millrace";

}  // namespace

struct Database::Impl {
  Impl(std::string backend_name, std::string where, Connect how)
      : name(std::move(backend_name)), place(std::move(where)), connect(std::move(how)) {
    auto first = connect();
    migrate(*first);
    idle.push_back(std::move(first));
    open = 1;
  }

  std::unique_ptr<Backend> take() {
    std::unique_lock lock(mutex);
    if (!given_back.wait_for(lock, kWaitForConnection, [&] { return !idle.empty() || open < kConnections; })) {
      throw Error(ErrorCode::kStoreUnavailable, "All connections to the store are in use.");
    }
    if (!idle.empty()) {
      auto backend = std::move(idle.back());
      idle.pop_back();
      return backend;
    }
    ++open;
    lock.unlock();
    try {
      return connect();
    } catch (...) {
      lose();
      throw;
    }
  }

  void give_back(std::unique_ptr<Backend> backend) noexcept {
    if (!backend->usable()) {
      lose();
      return;
    }
    {
      const std::lock_guard lock(mutex);
      idle.push_back(std::move(backend));
    }
    given_back.notify_one();
  }

  void lose() noexcept {
    {
      const std::lock_guard lock(mutex);
      --open;
    }
    given_back.notify_one();
  }

  /// The others of a pool are likely lost with the one that was: the next attempt connects anew.
  void drop_idle() {
    const std::lock_guard lock(mutex);
    open -= idle.size();
    idle.clear();
  }

  const std::string name;
  const std::string place;
  const Connect connect;
  std::mutex one_writer;  // SQLite: waiting here is fair and does not poll
  std::mutex mutex;
  std::condition_variable given_back;
  std::vector<std::unique_ptr<Backend>> idle;
  std::size_t open = 0;
};

namespace {

/// A connection of the pool, given back at the end.
template <typename Pool>
class Lent {
 public:
  explicit Lent(Pool& pool) : pool_(pool), backend_(pool.take()) {}
  ~Lent() { pool_.give_back(std::move(backend_)); }
  Lent(const Lent&) = delete;
  Lent& operator=(const Lent&) = delete;
  Backend& operator*() { return *backend_; }

 private:
  Pool& pool_;
  std::unique_ptr<Backend> backend_;
};

}  // namespace

Database::Database(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Database::Database(const std::filesystem::path& file)
    : impl_(new Impl("sqlite", file.string(), [file] { return connect_sqlite(file); })) {}

std::shared_ptr<Database> Database::open(const std::string& location) {
  if (!is_url(location)) return std::make_shared<Database>(std::filesystem::path(location));
  const auto endpoint = parse_source_url(location);
  const std::string schema = location.find("schema=") == std::string::npos ? kDefaultSchema : endpoint.schema;
  return std::shared_ptr<Database>(new Database(std::make_unique<Impl>(
      "postgres", display_url(endpoint), [endpoint, schema] { return connect_postgres(endpoint, schema); })));
}

Database::~Database() = default;

void Database::run_read(const Unit& work) {
  for (int attempt = 1;; ++attempt) {
    try {
      Lent lent(*impl_);
      work(*lent);
      return;
    } catch (const ConnectionLost&) {
      if (attempt > 1) throw;
    }
    impl_->drop_idle();
  }
}

void Database::run_write(const Unit& work) {
  std::unique_lock alone(impl_->one_writer, std::defer_lock);
  if (impl_->name == "sqlite") alone.lock();
  for (int attempt = 1;; ++attempt) {
    bool committing = false;
    try {
      Lent lent(*impl_);
      try {
        (*lent).begin();
        work(*lent);
        committing = true;
        (*lent).commit();
        return;
      } catch (...) {
        (*lent).rollback();
        throw;
      }
    } catch (const WriteConflict&) {
      if (attempt >= kAttempts) throw;
      continue;
    } catch (const ConnectionLost&) {
      // Lost within COMMIT: nobody knows whether it happened, so it must not be done twice.
      if (committing || attempt > 1) throw;
    }
    impl_->drop_idle();
  }
}

std::string Database::backend() const {
  return impl_->name;
}

const std::string& Database::place() const {
  return impl_->place;
}

void Database::ping() {
  read([](Session& session) { session.query("SELECT 1"); });
}

}  // namespace millrace::store
