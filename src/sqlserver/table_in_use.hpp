#pragma once

#include <functional>

#include "schema/table_name.hpp"
#include "sqlserver/session.hpp"

namespace millrace::sqlserver {

/// Runs a step that wants a table for itself while a run of the pipeline may be using it. The run's bulk copy queues up
/// behind whoever waits for the table, and its transaction holds the table until that copy is done: so the step waits
/// for a lock no longer than a second at a time, lets the run go on, and tries again, for up to a minute. Outside of
/// transactions, or for a whole one. Throws what the step throws; kTargetBusy when the minute is over.
void take_from_run(Session& session, const std::function<void()>& step);
/// DROP TABLE IF EXISTS in that way.
void drop_table_from_run(Session& session, const schema::TableName& table);

}  // namespace millrace::sqlserver
