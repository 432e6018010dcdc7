#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millrace {

/// The entries of `known` nearest to `word` by edit distance without regard to case, best first, at most `limit`;
/// none that is further away than a third of its length.
std::vector<std::string> nearest(std::string_view word, std::span<const std::string> known, std::size_t limit = 3);

/// True when `text` matches `pattern` as a whole; '*' stands for any run of characters, '?' for one. Case counts.
bool glob_match(std::string_view pattern, std::string_view text);

}  // namespace millrace
