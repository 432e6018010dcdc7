#include "server/query.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "server/body_fields.hpp"
#include "support/error.hpp"

namespace millrace::server {
namespace {

constexpr std::int64_t kLargestPage = 1000;

/// Exactly `length` digits at `at`, which moves behind them.
int digits(const std::string& text, std::size_t& at, std::size_t length, const Error& refusal) {
  if (at + length > text.size()) throw Error(refusal);
  int value = 0;
  for (std::size_t i = 0; i < length; ++i, ++at) {
    if (text[at] < '0' || text[at] > '9') throw Error(refusal);
    value = value * 10 + (text[at] - '0');
  }
  return value;
}

void expect(const std::string& text, std::size_t& at, const std::string& one_of, const Error& refusal) {
  if (at >= text.size() || one_of.find(text[at]) == std::string::npos) throw Error(refusal);
  ++at;
}

}  // namespace

std::optional<std::int64_t> number_parameter(const Request& request, const std::string& name) {
  const auto text = request.given(name);
  if (!text) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (failure != std::errc() || end != text->data() + text->size() || value < 0) {
    throw unfit(name, "must be a whole number.");
  }
  return value;
}

bool flag_parameter(const Request& request, const std::string& name) {
  return word_parameter(request, name, {"false", "true"}) == "true";
}

std::string word_parameter(const Request& request, const std::string& name, const std::vector<std::string>& words) {
  const auto given = request.given(name);
  if (!given) return words.front();
  if (!given->empty() && std::find(words.begin(), words.end(), *given) != words.end()) return *given;
  std::string list;
  for (const auto& word : words) {
    if (!word.empty()) list += (list.empty() ? "" : ", ") + word;
  }
  throw unfit(name, "is one of " + list + ".");
}

std::optional<std::int64_t> moment_parameter(const Request& request, const std::string& name) {
  using namespace std::chrono;
  const auto given = request.given(name);
  if (!given) return std::nullopt;
  const auto& text = *given;
  const auto refusal = unfit(name, "must be a moment like 2026-01-31T12:00:00Z.");
  std::size_t at = 0;
  const int year_number = digits(text, at, 4, refusal);
  expect(text, at, "-", refusal);
  const int month_number = digits(text, at, 2, refusal);
  expect(text, at, "-", refusal);
  const int day_number = digits(text, at, 2, refusal);
  expect(text, at, "Tt", refusal);
  const int hour = digits(text, at, 2, refusal);
  expect(text, at, ":", refusal);
  const int minute = digits(text, at, 2, refusal);
  expect(text, at, ":", refusal);
  const int second = digits(text, at, 2, refusal);
  std::int64_t millisecond = 0;
  if (at < text.size() && text[at] == '.') {
    std::int64_t scale = 100;
    const auto first = ++at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, scale /= 10) {
      millisecond += scale * (text[at] - '0');
    }
    if (at == first) throw Error(refusal);
  }
  const year_month_day date{year{year_number}, month{static_cast<unsigned>(month_number)},
                            day{static_cast<unsigned>(day_number)}};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) throw Error(refusal);
  std::int64_t offset_minutes = 0;
  if (at < text.size() && (text[at] == 'Z' || text[at] == 'z')) {
    ++at;
  } else {
    const bool behind = at < text.size() && text[at] == '-';
    expect(text, at, "+-", refusal);
    const int offset_hours = digits(text, at, 2, refusal);
    expect(text, at, ":", refusal);
    const int offset_rest = digits(text, at, 2, refusal);
    if (offset_hours > 23 || offset_rest > 59) throw Error(refusal);
    offset_minutes = 60 * offset_hours + offset_rest;
    if (behind) offset_minutes = -offset_minutes;
  }
  if (at != text.size()) throw Error(refusal);
  const auto moment = sys_days{date} + hours{hour} + minutes{minute - offset_minutes} + seconds{second};
  return duration_cast<milliseconds>(moment.time_since_epoch()).count() + millisecond;
}

store::PageRequest page_parameters(const Request& request, int default_size) {
  const auto size = number_parameter(request, "pageSize").value_or(default_size);
  if (size < 1 || size > kLargestPage) throw unfit("pageSize", "must be 1 to 1000.");
  return {.size = static_cast<int>(size), .after = request.parameter("pageToken")};
}

}  // namespace millrace::server
