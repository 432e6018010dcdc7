#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace millrace::store {

/// What a list is asked for. `after` is the `next` of the page before, or empty for the first: opaque, URL-safe text
/// that holds the sort key of that page's last row, so pages stay right while rows come and go.
struct PageRequest {
  int size = 50;  ///< 1..1000; others are brought into that range
  std::string after = {};
};

template <typename Item>
struct PageOf {
  std::vector<Item> items;
  std::string next;  ///< empty: this was the last page
};

/// The parts of a sort key as one opaque text, and back. decode throws Error kUsage (field "pageToken") for a text
/// that encode did not make or that has another number of parts.
std::string encode_cursor(const std::vector<std::string>& parts);
std::vector<std::string> decode_cursor(const std::string& cursor, std::size_t parts);

/// A number that is a part of a key; throws likewise.
std::int64_t cursor_number(const std::string& part);
/// The cursor of a key that is one number.
std::int64_t decode_number_cursor(const std::string& cursor);

/// The size within its bounds.
int page_size(const PageRequest& request);

/// Takes the one row too many that a page's statement asks for and makes the cursor of the row before it.
template <typename Item, typename KeyOf>
PageOf<Item> cut_page(std::vector<Item> items, const PageRequest& request, KeyOf&& key_of) {
  PageOf<Item> page{std::move(items), {}};
  const auto size = static_cast<std::size_t>(page_size(request));
  if (page.items.size() > size) {
    page.items.resize(size);
    page.next = encode_cursor(key_of(page.items.back()));
  }
  return page;
}

}  // namespace millrace::store
