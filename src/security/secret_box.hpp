#pragma once

#include <array>
#include <filesystem>
#include <string>

#include "support/secret.hpp"

namespace millrace::security {

/// Seals secrets at rest: XChaCha20-Poly1305 (libsodium), bound to the object and field they belong to, so that a
/// sealed value cannot be moved to another row. Thread-safe after construction.
class SecretBox {
 public:
  /// Uses the key in `key_file` (32 raw bytes, owner-readable only); makes it when it is not there.
  /// Throws Error kStore when it cannot be read, has another size, or others may read it.
  explicit SecretBox(const std::filesystem::path& key_file);
  ~SecretBox();
  SecretBox(const SecretBox&) = delete;
  SecretBox& operator=(const SecretBox&) = delete;

  /// Base64 text of nonce and sealed bytes. `place` is "pipeline/<name>/<field>".
  std::string seal(const Secret& secret, const std::string& place) const;
  /// Throws Error kStore when `sealed` was made with another key, for another place, or was changed.
  Secret open(const std::string& sealed, const std::string& place) const;

 private:
  std::array<unsigned char, 32> key_{};
};

}  // namespace millrace::security
