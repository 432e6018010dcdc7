#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace millrace {

/// A password or token. It has no stream or format operator, so it cannot be printed by accident; the text is
/// reached only through reveal(), which marks every place where a secret leaves Millrace. Wiped when destroyed.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  Secret(const Secret&) = default;
  Secret(Secret&&) noexcept = default;
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret() { wipe(); }

  bool empty() const noexcept { return text_.empty(); }
  const std::string& reveal() const noexcept { return text_; }

 private:
  void wipe() noexcept;
  std::string text_;
};

/// Replaces every occurrence of `secret` in `text` by "***": for messages that come from other systems, which may
/// repeat what they were sent. Secrets shorter than 4 bytes are replaced only where they stand between non-letters.
std::string redact(std::string text, const Secret& secret);

/// Hides the password of every URL in `text` (scheme://user:password@host).
std::string redact_urls(std::string text);

}  // namespace millrace
