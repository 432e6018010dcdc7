#include "security/random.hpp"

#include <sodium.h>

#include <array>
#include <vector>

#include "security/bytes.hpp"
#include "support/error.hpp"

namespace millrace::security {
namespace {

constexpr int kUrlVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
constexpr std::size_t kHashBytes = 32;

std::string hex(const unsigned char* raw, std::size_t size) {
  std::string text(size * 2 + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), raw, size);
  text.pop_back();  // sodium writes a closing NUL
  return text;
}

}  // namespace

void ready() {
  if (sodium_init() < 0) throw Error(ErrorCode::kInternal, "libsodium cannot be initialised.");
}

std::string new_id() {
  ready();
  constexpr std::string_view kDigits = "abcdefghijklmnopqrstuvwxyz234567";
  std::array<unsigned char, 20> random{};
  randombytes_buf(random.data(), random.size());
  std::string id;
  for (const unsigned char byte : random) id += kDigits[byte & 31U];
  return id;
}

Secret random_token(std::size_t size) {
  ready();
  std::string raw(size, '\0');
  randombytes_buf(raw.data(), raw.size());
  Secret token(to_base64url(raw));
  sodium_memzero(raw.data(), raw.size());
  return token;
}

std::string hash_token(std::string_view token, std::string_view purpose) {
  ready();
  crypto_generichash_state state;
  std::array<unsigned char, kHashBytes> hash{};
  crypto_generichash_init(&state, nullptr, 0, hash.size());
  const auto length = static_cast<unsigned char>(purpose.size());
  crypto_generichash_update(&state, &length, 1);
  crypto_generichash_update(&state, bytes(purpose), purpose.size());
  crypto_generichash_update(&state, bytes(token), token.size());
  crypto_generichash_final(&state, hash.data(), hash.size());
  return hex(hash.data(), hash.size());
}

bool equal_in_constant_time(std::string_view left, std::string_view right) {
  return left.size() == right.size() && sodium_memcmp(left.data(), right.data(), left.size()) == 0;
}

std::string to_base64url(std::string_view raw) {
  std::string text(sodium_base64_encoded_len(raw.size(), kUrlVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes(raw), raw.size(), kUrlVariant);
  text.pop_back();
  return text;
}

std::optional<std::string> from_base64url(std::string_view text) {
  std::string raw(text.size(), '\0');
  std::size_t length = 0;
  const char* end = nullptr;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(raw.data()), raw.size(), text.data(), text.size(), nullptr,
                        &length, &end, kUrlVariant) != 0 ||
      end != text.data() + text.size()) {
    return std::nullopt;
  }
  raw.resize(length);
  return raw;
}

std::string fingerprint(std::string_view raw) {
  ready();
  std::array<unsigned char, kHashBytes> hash{};
  crypto_generichash(hash.data(), hash.size(), bytes(raw), raw.size(), nullptr, 0);
  return hex(hash.data(), hash.size());
}

}  // namespace millrace::security
