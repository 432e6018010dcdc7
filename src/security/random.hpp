#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "support/secret.hpp"

namespace millrace::security {

/// Readies libsodium; called by everything here that needs it. Throws Error kInternal.
void ready();

/// 20 characters of [a-z2-7], 100 random bits: ids that cannot be guessed.
std::string new_id();

/// `bytes` random bytes as URL-safe base64 without padding.
Secret random_token(std::size_t bytes = 32);

/// How tokens of full entropy (sessions, API keys) are stored: BLAKE2b-256, lower-case hex. `purpose` keeps a hash
/// of one kind from being of use as another.
std::string hash_token(std::string_view token, std::string_view purpose);

/// Takes the same time wherever the texts differ. Texts of different length are unequal at once.
bool equal_in_constant_time(std::string_view left, std::string_view right);

/// URL-safe base64 without padding.
std::string to_base64url(std::string_view bytes);
/// None for a text that is not what to_base64url makes.
std::optional<std::string> from_base64url(std::string_view text);
/// BLAKE2b-256 of the bytes, lower-case hex: for fingerprints of requests.
std::string fingerprint(std::string_view bytes);

}  // namespace millrace::security
