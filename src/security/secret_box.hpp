#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "security/key_ring.hpp"
#include "support/secret.hpp"

namespace millrace::security {

/// What a sealed secret is bound to: it opens nowhere else.
struct SecretPlace {
  std::string tenant;
  std::string object;  ///< "pipeline/<name>", "connection/<id>", ..
  std::string field;   ///< "spec", "password", ..
};

/// Seals secrets at rest in envelopes: each under its own random data key (XChaCha20-Poly1305), the data key under a
/// key of the ring, both bound to the place. Sealed text: "m1.<key id>.<wrapped data key>.<sealed bytes>", base64url.
/// Texts of before envelopes (plain base64, key "1", bound to "<object>/<field>") are opened too. Thread-safe. A ring
/// whose file was replaced by a rotation is read again before the next use.
class SecretBox {
 public:
  /// Throws Error kKeyRing as KeyRing::load does.
  explicit SecretBox(const std::filesystem::path& key_file);
  ~SecretBox();
  SecretBox(const SecretBox&) = delete;
  SecretBox& operator=(const SecretBox&) = delete;

  std::string seal(const Secret& secret, const SecretPlace& place) const;
  /// Throws Error kStore when `sealed` was made for another place or was changed, kKeyRing when its key is gone.
  Secret open(const std::string& sealed, const SecretPlace& place) const;

  /// The same secret under the ring's current key: the data key alone is wrapped anew; a text of before envelopes is
  /// sealed anew. Gives the text back unchanged when it is under the current key already.
  std::string rewrap(const std::string& sealed, const SecretPlace& place) const;

  /// The id of the key that a sealed text needs ("1" for one of before envelopes).
  static std::string key_id_of(const std::string& sealed);

  std::shared_ptr<const KeyRing> ring() const;
  const std::filesystem::path& key_file() const { return key_file_; }

 private:
  struct FileStamp {
    std::int64_t inode = 0;
    std::int64_t modified_ns = 0;
    bool operator==(const FileStamp&) const = default;
  };
  static FileStamp stamp_of(const std::filesystem::path& file);

  std::filesystem::path key_file_;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<const KeyRing> ring_;
  mutable FileStamp stamp_;
};

}  // namespace millrace::security
