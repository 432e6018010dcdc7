#pragma once

#include "store/backend.hpp"

namespace millrace::store {

/// The newest version of the schema; also the number of migrations.
int newest_schema_version();

/// Brings the schema to `target`, forward only: each missing step in a transaction of its own that also notes the new
/// version, under a lock, so that of several processes one does it, and a kill leaves the step done or not begun.
/// Throws Error kStoreVersion when the schema is newer than this Millrace knows.
///
/// A step is one file of store/migrations/, written in SQLite's words: INTEGER, REAL and TEXT, tables STRICT. For
/// PostgreSQL INTEGER becomes BIGINT, REAL DOUBLE PRECISION, TEXT gets the collation "C" (SQLite's order), and STRICT
/// goes. What cannot be said in common words has a part for each. A released step is never edited.
void migrate(Backend& backend, int target = newest_schema_version());

}  // namespace millrace::store
