#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "support/error.hpp"

namespace millrace::store {

/// Errors that repositories share. `what` is "connection", "user", ..
inline Error not_found(const std::string& what) {
  return Error(ErrorCode::kObjectNotFound, "There is no such " + what + ".");
}

inline Error exists(const std::string& what, const std::string& name, const std::string& field = "name") {
  return Error(ErrorCode::kObjectExists, "A " + what + " named " + name + " exists already.", {.field = field});
}

/// Judges a conditional UPDATE or DELETE: nothing when it changed a row; else throws kObjectChanged when the object is
/// there (so its revision was another), or kObjectNotFound.
inline void require_changed(std::int64_t rows, bool there, const std::string& what) {
  if (rows > 0) return;
  if (there) throw Error(ErrorCode::kObjectChanged, "The " + what + " was changed by somebody else meanwhile.");
  throw not_found(what);
}

/// Throws kObjectChanged unless the object, locked by its transaction, has the revision that is asked for, if one is.
inline void require_revision(std::int64_t has, const std::optional<std::int64_t>& wanted, const std::string& what) {
  require_changed(!wanted || *wanted == has ? 1 : 0, true, what);
}

/// Adds " AND revision = ?" to a statement and its value to the parameters, when one is asked for.
template <typename Parameters>
std::string with_revision(std::string statement, Parameters& parameters, const std::optional<std::int64_t>& revision) {
  if (!revision) return statement;
  parameters.emplace_back(*revision);
  return statement + " AND revision = ?";
}

}  // namespace millrace::store
