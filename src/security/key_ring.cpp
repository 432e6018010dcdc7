#include "security/key_ring.hpp"

#include <sodium.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <map>
#include <sstream>

#include "security/key_file.hpp"
#include "security/random.hpp"
#include "support/error.hpp"

namespace millrace::security {
namespace {

constexpr const char* kKeysVariable = "MILLRACE_SECRET_KEYS";
constexpr const char* kCurrentVariable = "MILLRACE_SECRET_KEY_ID";
constexpr const char* kHeading = "millrace-keyring 1";
constexpr const char* kFirstId = "1";
constexpr std::size_t kLongestId = 32;
constexpr int kKeyVariant = sodium_base64_VARIANT_ORIGINAL;

Error malformed(const std::string& what) {
  return Error(ErrorCode::kKeyRing, "The key ring " + what + ".");
}

std::string checked_id(const std::string& id) {
  const bool fits = !id.empty() && id.size() <= kLongestId && std::all_of(id.begin(), id.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-';
  });
  if (!fits) throw malformed("has a key whose id is not 1 to 32 characters of [A-Za-z0-9-]");
  return id;
}

GuardedKey decode_key(const std::string& id, const std::string& base64) {
  GuardedKey key;
  std::size_t length = 0;
  const char* end = nullptr;
  if (sodium_base642bin(key.data(), GuardedKey::kBytes, base64.data(), base64.size(), nullptr, &length, &end,
                        kKeyVariant) != 0 ||
      length != GuardedKey::kBytes || end != base64.data() + base64.size()) {
    throw malformed("has a key " + id + " that is not 32 bytes in base64");
  }
  return key;
}

std::string encode_key(const GuardedKey& key) {
  std::string text(sodium_base64_encoded_len(GuardedKey::kBytes, kKeyVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), key.data(), GuardedKey::kBytes, kKeyVariant);
  text.pop_back();
  return text;
}

using Keys = std::map<std::string, GuardedKey>;

void add(Keys& keys, const std::string& id, GuardedKey key) {
  if (!keys.emplace(checked_id(id), std::move(key)).second) throw malformed("has two keys with the id " + id);
}

}  // namespace

struct KeyRing::Impl {
  Keys keys = {};
  std::string current = {};
  bool from_environment = false;

  void check() const {
    if (!keys.contains(current)) throw malformed("has no key with the current id " + current);
  }

  static std::unique_ptr<Impl> parse_file(const std::string& content) {
    auto ring = std::make_unique<Impl>();
    if (content.size() == GuardedKey::kBytes) {
      GuardedKey key;
      std::memcpy(key.data(), content.data(), GuardedKey::kBytes);
      ring->current = kFirstId;
      add(ring->keys, kFirstId, std::move(key));
      return ring;
    }
    std::istringstream in(content);
    std::string line;
    std::getline(in, line);
    if (line != kHeading) throw malformed("is neither 32 bytes nor begins with \"" + std::string(kHeading) + "\"");
    while (std::getline(in, line)) {
      std::istringstream words(line);
      std::string word;
      std::string id;
      std::string key;
      std::string more;
      words >> word >> id >> key >> more;
      if (word == "current" && !id.empty() && key.empty()) {
        ring->current = id;
      } else if (word == "key" && !key.empty() && more.empty()) {
        add(ring->keys, id, decode_key(id, key));
      } else if (!word.empty()) {
        throw malformed("has a line that is neither \"current <id>\" nor \"key <id> <base64>\"");
      }
      sodium_memzero(key.data(), key.size());
      sodium_memzero(line.data(), line.size());
    }
    ring->check();
    return ring;
  }

  static std::unique_ptr<Impl> parse_environment(const std::string& keys) {
    auto ring = std::make_unique<Impl>();
    ring->from_environment = true;
    std::istringstream in(keys);
    for (std::string one; std::getline(in, one, ',');) {
      const auto colon = one.find(':');
      if (colon == std::string::npos) throw malformed("in MILLRACE_SECRET_KEYS is not \"<id>:<base64>,..\"");
      const auto id = one.substr(0, colon);
      add(ring->keys, id, decode_key(id, one.substr(colon + 1)));
    }
    const char* current = std::getenv(kCurrentVariable);
    if (current != nullptr && *current != '\0') {
      ring->current = current;
    } else if (ring->keys.size() == 1) {
      ring->current = ring->keys.begin()->first;
    } else {
      throw malformed("in MILLRACE_SECRET_KEYS has more than one key: name the current one in MILLRACE_SECRET_KEY_ID");
    }
    ring->check();
    return ring;
  }

  Secret text(const std::string& now_current, const std::string& left_out) const {
    std::string content = std::string(kHeading) + "\ncurrent " + now_current + "\n";
    for (const auto& [id, key] : keys) {
      if (id != left_out) content += "key " + id + " " + encode_key(key) + "\n";
    }
    return Secret(std::move(content));
  }

  void require_file() const {
    if (from_environment) {
      throw Error(ErrorCode::kKeyRing, "The key ring comes from the environment and cannot be changed from here.")
          .suggest("Add the new key to MILLRACE_SECRET_KEYS, name it in MILLRACE_SECRET_KEY_ID, and rotate then.");
    }
  }
};

KeyRing::KeyRing(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
KeyRing::~KeyRing() = default;

std::shared_ptr<const KeyRing> KeyRing::load(const std::filesystem::path& file) {
  ready();
  if (const char* keys = std::getenv(kKeysVariable); keys != nullptr && *keys != '\0') {
    return std::shared_ptr<const KeyRing>(new KeyRing(Impl::parse_environment(keys)));
  }
  if (::access(file.c_str(), F_OK) != 0) {
    Impl fresh;
    GuardedKey key;
    randombytes_buf(key.data(), GuardedKey::kBytes);
    add(fresh.keys, kFirstId, std::move(key));
    make_key_file(file, fresh.text(kFirstId, "").reveal());
  }
  return std::shared_ptr<const KeyRing>(new KeyRing(Impl::parse_file(read_key_file(file).reveal())));
}

const std::string& KeyRing::current_id() const {
  return impl_->current;
}

const GuardedKey& KeyRing::key(const std::string& id) const {
  const auto found = impl_->keys.find(id);
  if (found != impl_->keys.end()) return found->second;
  throw Error(ErrorCode::kKeyRing, "A stored secret needs the key " + id + ", which is not in the key ring.")
      .suggest("Put the key back from a backup of the key file, or enter the secret anew.");
}

std::vector<std::string> KeyRing::ids() const {
  std::vector<std::string> ids;
  for (const auto& [id, key] : impl_->keys) ids.push_back(id);
  return ids;
}

bool KeyRing::from_environment() const {
  return impl_->from_environment;
}

std::shared_ptr<const KeyRing> KeyRing::with_new_key(const std::filesystem::path& file) const {
  impl_->require_file();
  GuardedKey key;
  randombytes_buf(key.data(), GuardedKey::kBytes);
  // Random ids: two rotations from the same old file cannot give one id to two keys.
  const std::string id = "k" + new_id().substr(0, 8);
  std::string content = impl_->text(id, "").reveal() + "key " + id + " " + encode_key(key) + "\n";
  const Secret whole(std::move(content));
  auto ring = Impl::parse_file(whole.reveal());
  replace_key_file(file, whole.reveal());
  return std::shared_ptr<const KeyRing>(new KeyRing(std::move(ring)));
}

std::shared_ptr<const KeyRing> KeyRing::without(const std::filesystem::path& file, const std::string& id) const {
  impl_->require_file();
  if (id == impl_->current) throw Error(ErrorCode::kKeyRing, "The current key cannot be taken out of the ring.");
  const Secret whole = impl_->text(impl_->current, id);
  auto ring = Impl::parse_file(whole.reveal());
  replace_key_file(file, whole.reveal());
  return std::shared_ptr<const KeyRing>(new KeyRing(std::move(ring)));
}

}  // namespace millrace::security
