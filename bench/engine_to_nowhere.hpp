#pragma once

#include "arguments.hpp"
#include "measure.hpp"
#include "support/endpoint.hpp"

/// The engine's own reading, folding and encoding with no target behind it.
namespace millrace::bench {

/// load_tables() of `tables` with `workers` into null_row_writers(): every value is decoded and brought into the form
/// that SQL Server's bulk copy takes, then forgotten.
Measured load_to_nowhere(const SourceEndpoint& source, const Arguments& arguments);

/// ChangeStream from `slot` up to `until` over `tables`. `sink` says what becomes of a batch:
/// encode: each net change is made a row of the stage table, as for SQL Server, and forgotten;
/// count: nothing is done with it.
Measured stream_to_nowhere(const SourceEndpoint& source, const Arguments& arguments);

}  // namespace millrace::bench
