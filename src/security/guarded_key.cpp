#include <sodium.h>

#include <utility>

#include "security/key_ring.hpp"
#include "security/random.hpp"
#include "support/error.hpp"

namespace millrace::security {

GuardedKey::GuardedKey() {
  ready();
  data_ = static_cast<unsigned char*>(sodium_malloc(kBytes));
  if (data_ == nullptr) throw Error(ErrorCode::kInternal, "There is no guarded memory for a key.");
}

GuardedKey::~GuardedKey() {
  sodium_free(data_);  // wipes; takes a null pointer
}

GuardedKey::GuardedKey(GuardedKey&& other) noexcept : data_(std::exchange(other.data_, nullptr)) {}

}  // namespace millrace::security
