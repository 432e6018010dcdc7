#include "security/passwords.hpp"

#include <sodium.h>

#include <algorithm>
#include <cctype>

#include "security/random.hpp"
#include "support/error.hpp"

namespace millrace::security {
namespace {

constexpr std::size_t kShortest = 12;
constexpr std::size_t kLongest = 256;

bool same_letters(const std::string& left, const std::string& right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(), [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
  });
}

Error weak(const std::string& why) {
  return Error(ErrorCode::kPasswordWeak, "The new password " + why + ".", {.field = "password"});
}

}  // namespace

void check_new_password(const Secret& password, const std::string& user_name) {
  const auto& text = password.reveal();
  if (text.size() < kShortest) throw weak("is shorter than 12 bytes");
  if (text.size() > kLongest) throw weak("is longer than 256 bytes");
  if (text.find('\0') != std::string::npos) throw weak("holds a NUL character");
  if (text.find_first_not_of(text.front()) == std::string::npos) throw weak("is one character over and over");
  if (same_letters(text, user_name)) throw weak("is the user's name");
}

std::string hash_password(const Secret& password, const PasswordCost& cost) {
  ready();
  std::string hash(crypto_pwhash_STRBYTES, '\0');
  if (crypto_pwhash_str_alg(hash.data(), password.reveal().data(), password.reveal().size(), cost.passes,
                            cost.memory_bytes, crypto_pwhash_ALG_ARGON2ID13) != 0) {
    throw Error(ErrorCode::kInternal, "There is not enough memory to hash a password.");
  }
  hash.resize(hash.find('\0'));
  return hash;
}

bool verify_password(const std::string& hash, const Secret& password) {
  ready();
  // Only argon2id: libsodium would take its older formats too, and reads a text of exactly this size.
  if (!hash.starts_with("$argon2id$") || hash.size() >= crypto_pwhash_STRBYTES) return false;
  std::string padded = hash;
  padded.resize(crypto_pwhash_STRBYTES, '\0');
  return crypto_pwhash_str_verify(padded.data(), password.reveal().data(), password.reveal().size()) == 0;
}

bool needs_rehash(const std::string& hash, const PasswordCost& cost) {
  ready();
  if (hash.size() >= crypto_pwhash_STRBYTES) return true;
  std::string padded = hash;
  padded.resize(crypto_pwhash_STRBYTES, '\0');
  return crypto_pwhash_str_needs_rehash(padded.data(), cost.passes, cost.memory_bytes) != 0;
}

void verify_nobody(const Secret& password, const PasswordCost& cost) {
  // Hashing costs what verifying costs: the same function over the same memory.
  static_cast<void>(hash_password(password, cost));
}

}  // namespace millrace::security
