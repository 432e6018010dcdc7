#pragma once

// Precompiled for every room (cmake/precompiled.cmake): what most files read, and what costs most to read. Files
// include what they use all the same, and build without it (CMAKE_DISABLE_PRECOMPILE_HEADERS).

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "support/json_instances.hpp"
