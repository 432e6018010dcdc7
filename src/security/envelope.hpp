#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "security/key_ring.hpp"
#include "support/secret.hpp"

namespace millrace::security {

/// XChaCha20-Poly1305 with a random nonce in front. `bound` is authenticated with it, not stored.
std::string seal_bytes(std::string_view plain, std::string_view bound, const GuardedKey& key);
/// None: another key, another place, or changed.
std::optional<Secret> open_bytes(std::string_view sealed, std::string_view bound, const GuardedKey& key);

/// "m1.<key id>.<wrapped data key>.<sealed bytes>", taken apart; none for a text of another form.
struct Envelope {
  std::string key_id;
  std::string wrapped_key;  ///< raw bytes
  std::string sealed;       ///< raw bytes

  static std::optional<Envelope> parse(const std::string& text);
  std::string to_text() const;
};

}  // namespace millrace::security
