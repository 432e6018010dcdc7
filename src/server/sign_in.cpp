#include "server/sign_in.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "support/error.hpp"

namespace millrace::server {
namespace {

constexpr std::size_t kShortest = 12;
constexpr std::size_t kLongest = 256;
constexpr std::size_t kMostSessions = 1000;
constexpr std::size_t kMostAddresses = 10'000;
constexpr std::chrono::minutes kIdle{30};
constexpr std::chrono::hours kAbsolute{12};
constexpr int kFreeFailures = 5;
constexpr int kMostDoublings = 10;
constexpr std::chrono::seconds kLongestBlock{900};
/// OWASP's floor is 19 MiB and 2 passes.
constexpr unsigned long long kPasses = 3;
constexpr std::size_t kMemory = std::size_t{64} << 20;

std::string token_hash(const std::string& token) {
  std::array<unsigned char, crypto_generichash_BYTES> hash{};
  crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(token.data()), token.size(),
                     nullptr, 0);
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

std::string hash_of(const Secret& password) {
  std::array<char, crypto_pwhash_STRBYTES> hash{};
  const auto& text = password.reveal();
  if (crypto_pwhash_str_alg(hash.data(), text.data(), text.size(), kPasses, kMemory, crypto_pwhash_ALG_ARGON2ID13) !=
      0) {
    throw Error(ErrorCode::kInternal, "There is not enough memory to hash a password.");
  }
  return hash.data();
}

}  // namespace

Secret random_text() {
  if (sodium_init() < 0) throw Error(ErrorCode::kInternal, "libsodium cannot be used.");
  std::array<unsigned char, 32> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  std::array<char, 64> text{};
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  return Secret(text.data());
}

SignIn::SignIn(std::filesystem::path data_dir) : file_(std::move(data_dir) / "admin.hash") {
  if (sodium_init() < 0) throw Error(ErrorCode::kInternal, "libsodium cannot be used.");
  if (!std::filesystem::exists(file_)) return;
  std::ifstream in(file_);
  if (!std::getline(in, hash_) || hash_.empty()) {
    throw Error(ErrorCode::kStore, "The administrator's password hash " + file_.string() + " cannot be read.");
  }
}

bool SignIn::has_password() const {
  const std::lock_guard lock(mutex_);
  return !hash_.empty();
}

void SignIn::set_password(const Secret& password) {
  if (password.reveal().size() < kShortest || password.reveal().size() > kLongest) {
    throw Error(ErrorCode::kPasswordWeak, "The administrator's password must have 12 to 256 bytes.");
  }
  const auto hash = hash_of(password);
  const auto next = std::filesystem::path(file_.string() + ".new");
  {
    std::ofstream out(next, std::ios::trunc);
    std::filesystem::permissions(next, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    out << hash << '\n';
    if (!out.flush()) throw Error(ErrorCode::kStore, "The file " + next.string() + " cannot be written.");
  }
  std::filesystem::rename(next, file_);
  const std::lock_guard lock(mutex_);
  hash_ = hash;
  sessions_.clear();
}

SignIn::Session SignIn::sign_in(const std::string& user, const Secret& password, const std::string& address) {
  std::string hash;
  {
    const std::lock_guard lock(mutex_);
    const auto now = Clock::now();
    if (failures_.size() > kMostAddresses) failures_.clear();
    auto& failed = failures_[address];
    if (failed.blocked_until > now) {
      const auto wait = std::chrono::duration_cast<std::chrono::seconds>(failed.blocked_until - now).count() + 1;
      throw Error(ErrorCode::kThrottled, "Too many failed sign-ins: wait " + std::to_string(wait) + " s.");
    }
    // Counted before the slow check, so that parallel tries do not pass beside the count.
    if (++failed.count >= kFreeFailures) {
      const auto block = std::chrono::seconds(1LL << std::min(failed.count - kFreeFailures, kMostDoublings));
      failed.blocked_until = now + std::min(block, kLongestBlock);
    }
    hash = hash_;
  }
  const auto& text = password.reveal();
  const bool right = text.size() <= kLongest && crypto_pwhash_str_verify(hash.c_str(), text.data(), text.size()) == 0;
  if (!right || user != kUser) throw Error(ErrorCode::kSignIn, "Name or password is not right.");
  Session session{random_text(), random_text().reveal()};
  const std::lock_guard lock(mutex_);
  failures_.erase(address);
  const auto now = Clock::now();
  std::erase_if(sessions_, [&](const auto& entry) {
    return now - entry.second.seen > kIdle || now - entry.second.begun > kAbsolute;
  });
  if (sessions_.size() >= kMostSessions) throw Error(ErrorCode::kThrottled, "There are too many sessions.");
  sessions_[token_hash(session.token.reveal())] = {session.csrf, now, now};
  return session;
}

void SignIn::sign_out(const std::string& token) {
  const std::lock_guard lock(mutex_);
  sessions_.erase(token_hash(token));
}

std::string SignIn::check(const std::string& token) {
  const auto hash = token_hash(token);
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(hash);
  const auto now = Clock::now();
  if (token.empty() || found == sessions_.end() || now - found->second.seen > kIdle ||
      now - found->second.begun > kAbsolute) {
    throw Error(ErrorCode::kUnauthenticated, "No valid session came with the request.");
  }
  found->second.seen = now;
  return found->second.csrf;
}

}  // namespace millrace::server
