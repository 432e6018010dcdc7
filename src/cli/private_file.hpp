#pragma once

#include <filesystem>
#include <string>

namespace millrace::cli {

/// Replaces a file by one with this text that its owner alone may read (0600), making its directory (0700) when needed.
/// At once: a reader, or a crash, finds the old text or the new one. Throws Error kUsage naming the file.
void write_private_file(const std::filesystem::path& file, const std::string& text);

}  // namespace millrace::cli
