#include "server/conditional.hpp"

#include <charconv>
#include <string_view>

#include "support/error.hpp"

namespace millrace::server {
namespace {

constexpr std::int64_t kNoRevision = -1;

std::int64_t revision_of(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failure == std::errc() && end == text.data() + text.size() ? value : kNoRevision;
}

}  // namespace

std::string etag(std::int64_t revision) {
  return "\"" + std::to_string(revision) + "\"";
}

std::optional<std::int64_t> if_match(const Request& request) {
  const auto tag = request.header("if-match");
  if (tag.empty() || tag == "*") return std::nullopt;
  const bool quoted = tag.size() > 2 && tag.front() == '"' && tag.back() == '"';
  return quoted ? revision_of(std::string_view(tag).substr(1, tag.size() - 2)) : kNoRevision;
}

void require_if_match(const Request& request) {
  if (!request.header("if-match").empty()) return;
  throw Error(ErrorCode::kPreconditionRequired, "A change needs the header If-Match.", {.field = "If-Match"});
}

}  // namespace millrace::server
