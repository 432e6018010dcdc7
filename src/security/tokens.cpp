#include "security/tokens.hpp"

#include <algorithm>

#include "security/random.hpp"

namespace millrace::security {
namespace {

constexpr std::string_view kPrefix = "millrace_";
constexpr std::size_t kIdLength = 20;
constexpr std::size_t kSecretLength = 43;  // 32 bytes in base64

bool all_of(std::string_view text, bool (*fits)(char)) {
  return std::all_of(text.begin(), text.end(), fits);
}

bool is_id(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7');
}

bool is_base64url(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

std::string key_hash(std::string_view secret) {
  return hash_token(secret, "api-key");
}

}  // namespace

Secret new_session_token() {
  return random_token(32);
}

std::string session_hash(std::string_view token) {
  return hash_token(token, "session");
}

Secret csrf_token(std::string_view session_token) {
  return Secret(hash_token(session_token, "csrf"));
}

bool csrf_matches(std::string_view session_token, std::string_view given) {
  return equal_in_constant_time(csrf_token(session_token).reveal(), given);
}

MintedKey mint_api_key() {
  MintedKey key;
  key.id = new_id();
  const Secret secret = random_token(32);
  key.hash = key_hash(secret.reveal());
  key.whole = Secret(std::string(kPrefix) + key.id + "_" + secret.reveal());
  return key;
}

std::optional<ParsedKey> parse_api_key(std::string_view text) {
  if (text.size() != kPrefix.size() + kIdLength + 1 + kSecretLength || !text.starts_with(kPrefix)) return std::nullopt;
  const auto id = text.substr(kPrefix.size(), kIdLength);
  const auto secret = text.substr(kPrefix.size() + kIdLength + 1);
  if (text[kPrefix.size() + kIdLength] != '_' || !all_of(id, is_id) || !all_of(secret, is_base64url)) {
    return std::nullopt;
  }
  return ParsedKey{std::string(id), key_hash(secret)};
}

}  // namespace millrace::security
