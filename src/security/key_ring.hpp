#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace millrace::security {

/// 32 bytes in memory of their own that is not swapped, not dumped, guarded by pages without access, and wiped at the
/// end (sodium_malloc). Copies are not made.
class GuardedKey {
 public:
  static constexpr std::size_t kBytes = 32;
  GuardedKey();
  ~GuardedKey();
  GuardedKey(GuardedKey&& other) noexcept;
  GuardedKey& operator=(GuardedKey&&) = delete;
  GuardedKey(const GuardedKey&) = delete;
  GuardedKey& operator=(const GuardedKey&) = delete;
  unsigned char* data() { return data_; }
  const unsigned char* data() const { return data_; }

 private:
  unsigned char* data_;
};

/// The key-encryption keys: each with an id, one of them current. Immutable once loaded; thread-safe.
///
/// File (owner-readable only): either 32 raw bytes, one key with id "1" (as older versions wrote it), or text:
///   millrace-keyring 1
///   current <id>
///   key <id> <base64 of 32 bytes>      one line a key
/// Environment: MILLRACE_SECRET_KEYS="<id>:<base64>,<id>:<base64>" and MILLRACE_SECRET_KEY_ID=<current id> (may be
/// left out when there is one key) stand in for the file. Ids are 1..32 characters of [A-Za-z0-9-].
class KeyRing {
 public:
  /// From the environment when MILLRACE_SECRET_KEYS is set, else from the file, which is made when it is not there.
  /// Throws Error kKeyRing: unreadable, open to others, malformed.
  static std::shared_ptr<const KeyRing> load(const std::filesystem::path& file);

  ~KeyRing();
  KeyRing(const KeyRing&) = delete;
  KeyRing& operator=(const KeyRing&) = delete;
  const std::string& current_id() const;
  /// Throws Error kKeyRing when the ring has no such key: the secret was sealed with a key that is gone.
  const GuardedKey& key(const std::string& id) const;
  std::vector<std::string> ids() const;
  bool from_environment() const;

  /// A ring with one more, new and current key, written to the file in one step (temporary file, fsync, rename): a
  /// crash leaves the old ring or the new one, and both open everything. Throws Error kKeyRing for a ring from the
  /// environment: there whoever sets it adds the key.
  std::shared_ptr<const KeyRing> with_new_key(const std::filesystem::path& file) const;
  /// The ring without a key that is not current, written likewise.
  std::shared_ptr<const KeyRing> without(const std::filesystem::path& file, const std::string& id) const;

 private:
  struct Impl;
  explicit KeyRing(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace millrace::security
