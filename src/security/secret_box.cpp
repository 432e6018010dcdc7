#include "security/secret_box.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <vector>

#include "support/error.hpp"

namespace millrace::security {
namespace {

static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == 32);
constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

Error key_error(const std::filesystem::path& path, const std::string& what) {
  return Error(ErrorCode::kStore, "The key file " + path.string() + " " + what + ".");
}

// O_EXCL lets two processes that start at once agree on one key: the loser reads the winner's.
bool make_key(const std::filesystem::path& path, std::array<unsigned char, 32>& key) {
  const File file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file.get() < 0 && errno == EEXIST) return false;
  if (file.get() < 0) throw key_error(path, "cannot be made: " + std::generic_category().message(errno));
  randombytes_buf(key.data(), key.size());
  if (::write(file.get(), key.data(), key.size()) != static_cast<ssize_t>(key.size()) || ::fsync(file.get()) != 0) {
    throw key_error(path, "cannot be written");
  }
  return true;
}

void read_key(const std::filesystem::path& path, std::array<unsigned char, 32>& key) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat facts {};
  if (file.get() < 0 || ::fstat(file.get(), &facts) != 0) throw key_error(path, "cannot be read");
  if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0) throw key_error(path, "may be read by others; chmod 600 it");
  if (facts.st_size != static_cast<off_t>(key.size()) ||
      ::read(file.get(), key.data(), key.size()) != static_cast<ssize_t>(key.size())) {
    throw key_error(path, "does not hold 32 bytes");
  }
}

const unsigned char* bytes(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

SecretBox::SecretBox(const std::filesystem::path& key_file) {
  if (sodium_init() < 0) throw Error(ErrorCode::kInternal, "libsodium cannot be initialised.");
  if (!make_key(key_file, key_)) read_key(key_file, key_);
}

SecretBox::~SecretBox() {
  sodium_memzero(key_.data(), key_.size());
}

std::string SecretBox::seal(const Secret& secret, const std::string& place) const {
  const std::string& plain = secret.reveal();
  std::vector<unsigned char> sealed(kNonceBytes + plain.size() + kTagBytes);
  randombytes_buf(sealed.data(), kNonceBytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(sealed.data() + kNonceBytes, nullptr, bytes(plain), plain.size(),
                                             bytes(place), place.size(), nullptr, sealed.data(), key_.data());
  constexpr int kVariant = sodium_base64_VARIANT_ORIGINAL;
  std::string text(sodium_base64_encoded_len(sealed.size(), kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), sealed.data(), sealed.size(), kVariant);
  text.resize(text.size() - 1);  // sodium writes a closing NUL
  return text;
}

Secret SecretBox::open(const std::string& sealed, const std::string& place) const {
  std::vector<unsigned char> raw(sealed.size());
  std::size_t length = 0;
  const bool decoded = sodium_base642bin(raw.data(), raw.size(), sealed.data(), sealed.size(), nullptr, &length,
                                         nullptr, sodium_base64_VARIANT_ORIGINAL) == 0;
  std::string plain(decoded && length > kNonceBytes + kTagBytes ? length - kNonceBytes - kTagBytes : 0, '\0');
  const bool whole = decoded && length >= kNonceBytes + kTagBytes;
  if (!whole || crypto_aead_xchacha20poly1305_ietf_decrypt(reinterpret_cast<unsigned char*>(plain.data()), nullptr,
                                                           nullptr, raw.data() + kNonceBytes, length - kNonceBytes,
                                                           bytes(place), place.size(), raw.data(), key_.data()) != 0) {
    throw Error(ErrorCode::kStore, "A stored secret cannot be opened: it was sealed with another key or was changed.",
                {.field = place});
  }
  return Secret(std::move(plain));
}

}  // namespace millrace::security
