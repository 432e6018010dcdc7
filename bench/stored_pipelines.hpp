#pragma once

#include <string>

#include "arguments.hpp"

namespace millrace::bench {

/// Puts pipelines that Kafka Connect carries into a store, as `millrace create` leaves them, with events and an hour's
/// end of samples each: what a server has that runs for a while. Nothing is made on any other server. Arguments: data=
/// (directory), count=, tables=, events=, samples=, connect= (URL). MILLRACE_BENCH_STORE: the store's URL, or unset.
/// Names are BENCH_0000, .. ; answers the seconds it took as JSON.
std::string store_pipelines(const std::string& source_url, const std::string& target_url, const Arguments& arguments);

}  // namespace millrace::bench
