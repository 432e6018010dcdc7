#pragma once

#include <cstddef>
#include <string>

#include "support/secret.hpp"

namespace millrace::security {

/// Cost of argon2id. The default lies above OWASP's floor (19 MiB, 2 passes): 64 MiB, 3 passes, about 0.1 s.
struct PasswordCost {
  std::size_t memory_bytes = std::size_t{64} << 20;
  unsigned long long passes = 3;
};

/// What a new password must be: 12 to 256 bytes of UTF-8, not made of one repeated character, and not the user's
/// name. Throws Error kPasswordWeak.
void check_new_password(const Secret& password, const std::string& user_name);

/// "$argon2id$v=19$m=..,t=..,p=1$salt$hash". Throws Error kInternal when memory runs out.
std::string hash_password(const Secret& password, const PasswordCost& cost = {});

/// False also for a hash that is none.
bool verify_password(const std::string& hash, const Secret& password);

/// The hash was made at another cost than this one: hash the password anew while it is at hand.
bool needs_rehash(const std::string& hash, const PasswordCost& cost = {});

/// Takes as long as verify_password at this cost and fails: for users that are not there, so that time does not tell.
void verify_nobody(const Secret& password, const PasswordCost& cost = {});

}  // namespace millrace::security
