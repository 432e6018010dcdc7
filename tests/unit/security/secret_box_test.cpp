#include "security/secret_box.hpp"

#include <gtest/gtest.h>
#include <sodium.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "support/error.hpp"

namespace millrace::security {
namespace {

class SecretBoxTest : public ::testing::Test {
 protected:
  ~SecretBoxTest() override { std::filesystem::remove_all(directory); }
  static std::filesystem::path fresh_directory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "millrace-box.XXXXXX").string();
    return ::mkdtemp(pattern.data());
  }
  std::filesystem::path directory = fresh_directory();
  std::filesystem::path key_file = directory / "secret.key";
  SecretPlace place{"t", "connection/1", "password"};
};

TEST_F(SecretBoxTest, OpensWhatItSealedAndNothingMoved) {
  const SecretBox box(key_file);
  const auto sealed = box.seal(Secret("hunter2"), place);
  EXPECT_EQ(sealed.find("hunter2"), std::string::npos);
  EXPECT_EQ(box.open(sealed, place).reveal(), "hunter2");
  EXPECT_NE(box.seal(Secret("hunter2"), place), sealed);
  for (const auto& other : {SecretPlace{"u", "connection/1", "password"}, SecretPlace{"t", "connection/2", "password"},
                            SecretPlace{"t", "connection/1", "user"}}) {
    EXPECT_THROW(box.open(sealed, other), Error);
  }
  for (std::size_t at = 0; at < sealed.size(); at += 7) {
    auto changed = sealed;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    EXPECT_THROW(box.open(changed, place), Error) << at;
  }
  EXPECT_THROW(box.open("", place), Error);
}

TEST_F(SecretBoxTest, TheFileIsItsOwnersAlone) {
  const SecretBox box(key_file);
  struct stat facts {};
  ASSERT_EQ(::stat(key_file.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
  ASSERT_EQ(::chmod(key_file.c_str(), 0640), 0);
  EXPECT_THROW(SecretBox{key_file}, Error);
}

TEST_F(SecretBoxTest, ANewKeyIsNoticedAndTheOldOneStillOpens) {
  const SecretBox box(key_file);
  const SecretBox other(key_file);
  const auto sealed = box.seal(Secret("x"), place);
  const auto ring = other.ring()->with_new_key(key_file);
  EXPECT_EQ(box.ring()->current_id(), ring->current_id());
  EXPECT_EQ(box.open(sealed, place).reveal(), "x");
  const auto rewrapped = box.rewrap(sealed, place);
  EXPECT_EQ(SecretBox::key_id_of(rewrapped), ring->current_id());
  EXPECT_EQ(box.rewrap(rewrapped, place), rewrapped);
  box.ring()->without(key_file, "1");
  EXPECT_EQ(box.open(rewrapped, place).reveal(), "x");
  try {
    box.open(sealed, place);
    ADD_FAILURE() << "opened without its key";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kKeyRing);
  }
}

TEST_F(SecretBoxTest, TextsOfBeforeEnvelopesAreOpened) {
  // As the version before wrote it: 32 raw bytes of key; base64 of nonce and sealed bytes, bound to "object/field".
  ASSERT_GE(sodium_init(), 0);
  std::string key(32, '\7');
  {
    std::ofstream out(key_file, std::ios::binary);
    out << key;
  }
  ASSERT_EQ(::chmod(key_file.c_str(), 0600), 0);
  const std::string bound = "pipeline/P/spec";
  const std::string plain = "old secret";
  std::string raw(24 + plain.size() + 16, '\3');
  auto* bytes = reinterpret_cast<unsigned char*>(raw.data());
  crypto_aead_xchacha20poly1305_ietf_encrypt(bytes + 24, nullptr, reinterpret_cast<const unsigned char*>(plain.data()),
                                             plain.size(), reinterpret_cast<const unsigned char*>(bound.data()),
                                             bound.size(), nullptr, bytes,
                                             reinterpret_cast<const unsigned char*>(key.data()));
  std::string text(sodium_base64_encoded_len(raw.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes, raw.size(), sodium_base64_VARIANT_ORIGINAL);
  text.pop_back();
  const SecretBox box(key_file);
  const SecretPlace old_place{"default", "pipeline/P", "spec"};
  EXPECT_EQ(box.open(text, old_place).reveal(), plain);
  EXPECT_EQ(SecretBox::key_id_of(text), "1");
  box.ring()->with_new_key(key_file);
  EXPECT_EQ(box.open(box.rewrap(text, old_place), old_place).reveal(), plain);
}

TEST_F(SecretBoxTest, AMalformedRingIsRefused) {
  for (const char* content : {"", "short", "millrace-keyring 1\ncurrent 1\n",
                              "millrace-keyring 1\ncurrent 1\nkey 1 AA==\n", "millrace-keyring 1\nwhat\n"}) {
    std::ofstream(key_file) << content;
    ASSERT_EQ(::chmod(key_file.c_str(), 0600), 0);
    EXPECT_THROW(KeyRing::load(key_file), Error) << content;
  }
}

}  // namespace
}  // namespace millrace::security
