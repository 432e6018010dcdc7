#pragma once

#include <filesystem>
#include <memory>

#include "store/backend.hpp"

namespace millrace::store {

/// A connection to the SQLite file, made readable to its owner alone when it is not there. Throws Error kStore.
std::unique_ptr<Backend> connect_sqlite(const std::filesystem::path& file);

}  // namespace millrace::store
