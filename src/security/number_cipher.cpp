#include "security/number_cipher.hpp"

#include <sodium.h>

#include <charconv>
#include <cstring>

#include "security/random.hpp"

namespace millrace::security {
namespace {

constexpr unsigned kRounds = 4;
constexpr unsigned kHalf = 32;

static_assert(crypto_shorthash_KEYBYTES == 16);
static_assert(crypto_shorthash_BYTES == 8);

}  // namespace

std::int64_t NumberCipher::random_key() {
  ready();
  std::uint64_t key = 0;
  randombytes_buf(&key, sizeof(key));
  return static_cast<std::int64_t>(key >> 1U);
}

NumberCipher::NumberCipher(std::int64_t key) {
  ready();
  std::array<unsigned char, sizeof(key)> bytes{};
  std::memcpy(bytes.data(), &key, sizeof(key));
  crypto_generichash(key_.data(), key_.size(), bytes.data(), bytes.size(), nullptr, 0);
}

std::uint32_t NumberCipher::round(std::uint32_t half, unsigned number) const {
  const std::array<std::uint32_t, 2> input{half, number};
  std::array<unsigned char, sizeof(input)> bytes{};
  std::memcpy(bytes.data(), input.data(), sizeof(input));
  std::array<unsigned char, crypto_shorthash_BYTES> hash{};
  crypto_shorthash(hash.data(), bytes.data(), bytes.size(), key_.data());
  std::uint32_t result = 0;
  std::memcpy(&result, hash.data(), sizeof(result));
  return result;
}

std::string NumberCipher::hide(std::int64_t number) const {
  const auto value = static_cast<std::uint64_t>(number);
  auto left = static_cast<std::uint32_t>(value >> kHalf);
  auto right = static_cast<std::uint32_t>(value);
  for (unsigned i = 0; i < kRounds; ++i) {
    const auto next = left ^ round(right, i);
    left = right;
    right = next;
  }
  return std::to_string((std::uint64_t{left} << kHalf) | right);
}

std::optional<std::int64_t> NumberCipher::reveal(const std::string& text) const {
  std::uint64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  auto left = static_cast<std::uint32_t>(value >> kHalf);
  auto right = static_cast<std::uint32_t>(value);
  for (unsigned i = kRounds; i-- > 0;) {
    const auto before = right ^ round(left, i);
    right = left;
    left = before;
  }
  const auto number = static_cast<std::int64_t>((std::uint64_t{left} << kHalf) | right);
  if (number < 0) return std::nullopt;
  return number;
}

}  // namespace millrace::security
