#include "security/envelope.hpp"

#include <sodium.h>

#include "security/bytes.hpp"
#include "security/random.hpp"

namespace millrace::security {
namespace {

constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::string_view kForm = "m1.";
static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == GuardedKey::kBytes);

}  // namespace

std::string seal_bytes(std::string_view plain, std::string_view bound, const GuardedKey& key) {
  std::string sealed(kNonceBytes + plain.size() + kTagBytes, '\0');
  randombytes_buf(sealed.data(), kNonceBytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(bytes(sealed) + kNonceBytes, nullptr, bytes(plain), plain.size(),
                                             bytes(bound), bound.size(), nullptr, bytes(sealed), key.data());
  return sealed;
}

std::optional<Secret> open_bytes(std::string_view sealed, std::string_view bound, const GuardedKey& key) {
  if (sealed.size() < kNonceBytes + kTagBytes) return std::nullopt;
  std::string plain(sealed.size() - kNonceBytes - kTagBytes, '\0');
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(bytes(plain), nullptr, nullptr, bytes(sealed) + kNonceBytes,
                                                 sealed.size() - kNonceBytes, bytes(bound), bound.size(), bytes(sealed),
                                                 key.data()) != 0) {
    return std::nullopt;
  }
  return Secret(std::move(plain));
}

std::optional<Envelope> Envelope::parse(const std::string& text) {
  if (!text.starts_with(kForm)) return std::nullopt;
  const auto second = text.find('.', kForm.size());
  const auto third = second == std::string::npos ? second : text.find('.', second + 1);
  if (third == std::string::npos) return std::nullopt;
  const auto wrapped = from_base64url(std::string_view(text).substr(second + 1, third - second - 1));
  const auto sealed = from_base64url(std::string_view(text).substr(third + 1));
  if (!wrapped || !sealed) return std::nullopt;
  return Envelope{text.substr(kForm.size(), second - kForm.size()), *wrapped, *sealed};
}

std::string Envelope::to_text() const {
  return std::string(kForm) + key_id + "." + to_base64url(wrapped_key) + "." + to_base64url(sealed);
}

}  // namespace millrace::security
