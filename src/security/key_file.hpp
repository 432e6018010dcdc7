#pragma once

#include <filesystem>
#include <string>

#include "support/secret.hpp"

namespace millrace::security {

/// The whole content of a key file. Throws Error kKeyRing when it cannot be read, is longer than 64 KiB, or when
/// others than its owner may read it.
Secret read_key_file(const std::filesystem::path& file);

/// Makes the file with this content, owner-readable only. False: it is there already.
bool make_key_file(const std::filesystem::path& file, const std::string& content);

/// Puts new content in its place in one step: a temporary file beside it, fsync, rename, fsync of the directory.
void replace_key_file(const std::filesystem::path& file, const std::string& content);

}  // namespace millrace::security
