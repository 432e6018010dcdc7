#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "replication/run_observer.hpp"

/// The words of a run's progress. Pure.
namespace millrace::cli {

/// 1234567 -> "1,234,567".
std::string grouped(std::int64_t number);
/// 75 -> "1:15", 3700 -> "1:01:40".
std::string duration(std::int64_t seconds);
/// The text cut to so many code points.
std::string cut(const std::string& text, std::size_t width);

/// "loading: 2 of 5 tables, 1,234,567 rows, 45,000 rows/s, 1.2 GiB, 2:10 left".
std::string load_line(const std::vector<replication::TableProgress>& tables);
/// "streaming: lag 1.2 MiB, 0.8 s; 1,234 changes/s; 45,678 changes in 123 transactions; at 0/16B3748".
std::string stream_line(const replication::StreamProgress& progress);
/// "⚠ public.orders: message".
std::string event_line(const replication::RunEvent& event);

/// The lines that a terminal of this size shows while a load is under way: a line a table, those at work first, each
/// at most `width` code points; numbers leave from the right when it is narrow.
std::vector<std::string> load_frame(const std::vector<replication::TableProgress>& tables, std::size_t width,
                                    std::size_t height);
std::vector<std::string> stream_frame(const replication::StreamProgress& progress, std::size_t width);

}  // namespace millrace::cli
