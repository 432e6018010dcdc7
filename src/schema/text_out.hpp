#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

namespace millrace::schema {

/// Text that is made from front to end: as a whole, or handed on as it grows. Not thread-safe.
class TextOut {
 public:
  using Full = std::function<void(std::string_view)>;
  /// As a whole.
  TextOut() = default;
  /// `full` gets the text in pieces of some hundred kilobytes, which may end within a character. Outlives this.
  explicit TextOut(Full full) : full_(std::move(full)), most_(kPiece) {}

  TextOut& operator+=(char c) {
    text_ += c;
    if (text_.size() >= most_) finish();
    return *this;
  }
  TextOut& operator+=(std::string_view text) {
    text_ += text;
    if (text_.size() >= most_) finish();
    return *this;
  }
  void reserve(std::size_t bytes) {
    if (!full_) text_.reserve(bytes);
  }

  /// Hands on what is left.
  void finish() {
    if (!full_ || text_.empty()) return;
    full_(text_);
    text_.clear();
  }
  /// The whole; what was handed on is not in it.
  const std::string& text() const { return text_; }

 private:
  static constexpr std::size_t kPiece = std::size_t{256} << 10U;

  Full full_;
  std::size_t most_ = std::numeric_limits<std::size_t>::max();
  std::string text_;
};

}  // namespace millrace::schema
