#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "store/database.hpp"

namespace millrace::store {
namespace {

/// Whether somebody, this process too, has a lock on the file. Must be the last look: it ends the process's locks.
bool locked(const std::filesystem::path& file) {
  const int handle = ::open(file.c_str(), O_RDWR | O_CLOEXEC);
  EXPECT_GE(handle, 0);
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  EXPECT_EQ(::fcntl(handle, F_OFD_GETLK, &lock), 0);
  ::close(handle);
  return lock.l_type != F_UNLCK;
}

// Without it another process that ends takes the write-ahead log for its own, removes it, and what this one writes from
// then on is lost.
TEST(SqliteLocks, StayWhenAFurtherConnectionIsOpened) {
  const auto file = std::filesystem::temp_directory_path() / ("millrace_locks_" + std::to_string(::getpid()) + ".db");
  {
    Database database(file);
    database.read([&](Session& session) {
      session.query("SELECT count(*) FROM tenants");
      std::thread([&] { database.read([](Session& other) { other.query("SELECT count(*) FROM users"); }); }).join();
    });
    EXPECT_TRUE(locked(file));
  }
  for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(file.string() + end);
}

}  // namespace
}  // namespace millrace::store
