#pragma once

#include <string>

#include "arguments.hpp"
#include "support/endpoint.hpp"

namespace millrace::bench {

/// Commit-to-visible: inserts rows into `table` (id bigint, note text) at `rate` a second for `seconds`, in at most 100
/// transactions a second, while a connection to the target asks again and again for the greatest id that it shows in
/// `target_table`. A row's latency is the time from its COMMIT's answer on the source to the answer of the first query
/// that showed it: at most one query and one pause (2 ms) more than the truth. Rows must become visible in the order
/// of their commits, which holds for one table in both engines. Waits at most `patience` seconds for the last row.
/// Returns JSON: rows, asked and reached rate, p50, p90, p99 and max in milliseconds, how many rows never came, and
/// what one query of the target takes.
std::string commit_to_visible(const SourceEndpoint& source, const TargetEndpoint& target, const Arguments& arguments);

}  // namespace millrace::bench
