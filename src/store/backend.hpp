#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "store/sql.hpp"

namespace millrace::store {

/// The connection was lost, so whatever was not committed is undone.
class ConnectionLost : public Error {
 public:
  using Error::Error;
};

/// What a connection offers to Database and to the migrations beyond Session. Internal to the room.
class Backend : public Session {
 public:
  virtual void begin() = 0;
  virtual void commit() = 0;
  virtual void rollback() noexcept = 0;
  /// False: the connection is of no more use.
  virtual bool usable() const noexcept = 0;

  /// Runs statements that are divided by semicolons.
  virtual void script(const std::string& statements) = 0;
  /// Text of a migration in this backend's words (store/migrations.hpp).
  virtual std::string translated(std::string_view statements) const = 0;
  virtual bool is_sqlite() const = 0;
  /// Within a transaction: nobody else migrates until it ends.
  virtual void lock_schema() = 0;
  /// 0: nothing is there.
  virtual int schema_version() = 0;
  virtual void set_schema_version(int version) = 0;
};

/// Throws Error kUsage for a text with a NUL character: PostgreSQL has none, and libpq would cut the text there.
void refuse_nul(const std::vector<Value>& parameters);

/// Opens a connection, or throws.
using Connect = std::function<std::unique_ptr<Backend>()>;

}  // namespace millrace::store
