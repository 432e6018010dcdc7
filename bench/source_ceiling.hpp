#pragma once

#include "arguments.hpp"
#include "measure.hpp"
#include "support/endpoint.hpp"

/// What the source gives to somebody who does nothing with it.
namespace millrace::bench {

/// COPY (FORMAT binary) of `table` by `streams` connections, each a ctid range, with nothing but libpq.
Measured copy_to_nowhere(const SourceEndpoint& source, const Arguments& arguments);

/// pgoutput read from `slot` up to `until`: rows are counted by the first byte of their message, nothing is decoded.
/// The slot stays where it is.
Measured read_to_nowhere(const SourceEndpoint& source, const Arguments& arguments);

}  // namespace millrace::bench
