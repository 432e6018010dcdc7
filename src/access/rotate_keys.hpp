#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "security/secret_box.hpp"
#include "store/database.hpp"

namespace millrace::access {

struct RotationReport {
  std::string current_id;  ///< the key that secrets are under now (or would be: dry run)
  bool new_key = false;    ///< it was made by this rotation
  std::int64_t rewrapped = 0;
  std::map<std::string, std::int64_t> before = {};  ///< key id -> secrets
  std::vector<std::string> removed_keys = {};
};

struct RotationOptions {
  bool dry_run = false;        ///< says what would be done, and proves that every secret opens
  bool make_key = true;        ///< false: only bring what is left under the current key (a ring from the environment)
  bool remove_unused = false;  ///< take keys out of the ring that no secret needs and that were not current before now
};

/// Adds a key to the ring, makes it current, and wraps every secret's data key with it, in portions of one transaction
/// each. May be killed at any moment: both keys stay in the ring until every secret is under the new one, and running
/// it again goes on (with make_key false when the new key is there already). Servers may run meanwhile: they notice
/// the new ring. Writes the audit log. Throws Error kKeyRing, kStore.
RotationReport rotate_keys(store::Database& database, const security::SecretBox& box, const std::string& actor,
                           const RotationOptions& options);

}  // namespace millrace::access
