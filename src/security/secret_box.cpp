#include "security/secret_box.hpp"

#include <sodium.h>
#include <sys/stat.h>

#include <cstring>

#include "security/envelope.hpp"
#include "security/random.hpp"
#include "support/error.hpp"

namespace millrace::security {
namespace {

constexpr const char* kKeyOfOldTexts = "1";

void add(std::string& bound, std::string_view member) {
  bound += std::to_string(member.size());
  bound += ':';
  bound += member;
}

/// What both layers are bound to. The use differs, so that a wrapped key cannot pass for a secret; the key's id is in
/// it, so that a text cannot be relabelled.
std::string bound_to(std::string_view use, std::string_view key_id, const SecretPlace& place) {
  std::string bound = "millrace-secret-1\n";
  for (const auto member :
       {use, key_id, std::string_view(place.tenant), std::string_view(place.object), std::string_view(place.field)}) {
    add(bound, member);
  }
  return bound;
}

std::string old_bound(const SecretPlace& place) {
  return place.object + "/" + place.field;
}

Error cannot_open(const SecretPlace& place) {
  return Error(ErrorCode::kStore, "A stored secret cannot be opened: it was changed or belongs elsewhere.",
               {.field = place.object + "/" + place.field});
}

GuardedKey unwrap(const Envelope& envelope, const SecretPlace& place, const KeyRing& ring) {
  const auto raw = open_bytes(envelope.wrapped_key, bound_to("key", envelope.key_id, place), ring.key(envelope.key_id));
  if (!raw || raw->reveal().size() != GuardedKey::kBytes) throw cannot_open(place);
  GuardedKey key;
  std::memcpy(key.data(), raw->reveal().data(), GuardedKey::kBytes);
  return key;
}

std::string wrap(const GuardedKey& data_key, const SecretPlace& place, const KeyRing& ring) {
  const std::string_view raw(reinterpret_cast<const char*>(data_key.data()), GuardedKey::kBytes);
  return seal_bytes(raw, bound_to("key", ring.current_id(), place), ring.key(ring.current_id()));
}

/// Plain base64 of nonce and sealed bytes, as it was before envelopes.
std::optional<std::string> old_bytes(const std::string& sealed) {
  std::string raw(sealed.size(), '\0');
  std::size_t length = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(raw.data()), raw.size(), sealed.data(), sealed.size(), nullptr,
                        &length, nullptr, sodium_base64_VARIANT_ORIGINAL) != 0) {
    return std::nullopt;
  }
  raw.resize(length);
  return raw;
}

Secret open_old(const std::string& sealed, const SecretPlace& place, const KeyRing& ring) {
  const auto raw = old_bytes(sealed);
  if (!raw) throw cannot_open(place);
  auto plain = open_bytes(*raw, old_bound(place), ring.key(kKeyOfOldTexts));
  if (!plain) throw cannot_open(place);
  return std::move(*plain);
}

std::string seal_with(const Secret& secret, const SecretPlace& place, const KeyRing& ring) {
  GuardedKey data_key;
  randombytes_buf(data_key.data(), GuardedKey::kBytes);
  return Envelope{ring.current_id(), wrap(data_key, place, ring),
                  seal_bytes(secret.reveal(), bound_to("secret", "", place), data_key)}
      .to_text();
}

}  // namespace

SecretBox::FileStamp SecretBox::stamp_of(const std::filesystem::path& file) {
  struct stat facts {};
  if (::stat(file.c_str(), &facts) != 0) return {};
  return {static_cast<std::int64_t>(facts.st_ino),
          static_cast<std::int64_t>(facts.st_mtim.tv_sec) * 1'000'000'000 + facts.st_mtim.tv_nsec};
}

SecretBox::SecretBox(const std::filesystem::path& key_file)
    : key_file_(key_file), ring_(KeyRing::load(key_file)) {}  // no stamp yet: the first use looks again

SecretBox::~SecretBox() = default;

std::shared_ptr<const KeyRing> SecretBox::ring() const {
  const std::lock_guard lock(mutex_);
  if (ring_->from_environment()) return ring_;
  // The stamp is taken before the file is read: a change in between is seen at the next use.
  if (const auto stamp = stamp_of(key_file_); stamp != stamp_) {
    ring_ = KeyRing::load(key_file_);
    stamp_ = stamp;
  }
  return ring_;
}

std::string SecretBox::seal(const Secret& secret, const SecretPlace& place) const {
  return seal_with(secret, place, *ring());
}

Secret SecretBox::open(const std::string& sealed, const SecretPlace& place) const {
  const auto keys = ring();
  const auto envelope = Envelope::parse(sealed);
  if (!envelope) return open_old(sealed, place, *keys);
  const GuardedKey data_key = unwrap(*envelope, place, *keys);
  auto plain = open_bytes(envelope->sealed, bound_to("secret", "", place), data_key);
  if (!plain) throw cannot_open(place);
  return std::move(*plain);
}

std::string SecretBox::rewrap(const std::string& sealed, const SecretPlace& place) const {
  const auto keys = ring();
  auto envelope = Envelope::parse(sealed);
  if (!envelope) return seal_with(open_old(sealed, place, *keys), place, *keys);
  const GuardedKey data_key = unwrap(*envelope, place, *keys);
  if (envelope->key_id == keys->current_id()) return sealed;
  envelope->wrapped_key = wrap(data_key, place, *keys);
  envelope->key_id = keys->current_id();
  return envelope->to_text();
}

std::string SecretBox::key_id_of(const std::string& sealed) {
  const auto envelope = Envelope::parse(sealed);
  return envelope ? envelope->key_id : kKeyOfOldTexts;
}

}  // namespace millrace::security
