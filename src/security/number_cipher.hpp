#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace millrace::security {

/// A keyed one-to-one mapping of numbers: who sees some of the images learns neither how many numbers lie between them
/// nor which is larger. For ids that several tenants share one row of. Not for secrets: it is a Feistel network over
/// SipHash with four rounds, and the same number always has the same image. Thread-safe.
class NumberCipher {
 public:
  explicit NumberCipher(std::int64_t key);
  static std::int64_t random_key();

  /// Decimal digits.
  std::string hide(std::int64_t number) const;
  /// Nothing: the text is not a number's image.
  std::optional<std::int64_t> reveal(const std::string& text) const;

 private:
  std::uint32_t round(std::uint32_t half, unsigned number) const;
  std::array<unsigned char, 16> key_{};
};

}  // namespace millrace::security
