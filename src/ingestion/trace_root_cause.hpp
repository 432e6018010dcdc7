#pragma once

#include <string>

namespace millrace::ingestion {

/// The innermost cause of a Java stack trace, without its frames: what a person has to fix. At most 500 bytes;
/// passwords of URLs hidden.
std::string trace_root_cause(const std::string& trace);

}  // namespace millrace::ingestion
