#include "cli/answer_members.hpp"

#include <charconv>
#include <chrono>
#include <cstdio>

#include "support/error.hpp"

namespace millrace::cli {
namespace {

using nlohmann::ordered_json;

Error strange(const char* member) {
  return Error(ErrorCode::kServerUnreachable,
               std::string("The server's answer has another ") + member + " than is understood.")
      .suggest("Use the same version of Millrace here and there.");
}

}  // namespace

const ordered_json* AnswerMembers::find(const char* name) const {
  const auto found = value_.find(name);
  return found == value_.end() || found->is_null() ? nullptr : &*found;
}

std::optional<std::string> AnswerMembers::optional_text(const char* name) const {
  const auto* found = find(name);
  if (found == nullptr) return std::nullopt;
  if (!found->is_string()) throw strange(name);
  return found->get<std::string>();
}

std::string AnswerMembers::text(const char* name) const {
  return optional_text(name).value_or("");
}

std::vector<std::string> AnswerMembers::texts(const char* name) const {
  std::vector<std::string> texts;
  for (const auto& item : list(name)) {
    if (!item.is_string()) throw strange(name);
    texts.push_back(item.get<std::string>());
  }
  return texts;
}

std::optional<std::int64_t> AnswerMembers::count(const char* name) const {
  const auto* found = find(name);
  if (found == nullptr) return std::nullopt;
  if (found->is_number_integer()) return found->get<std::int64_t>();
  if (!found->is_string()) throw strange(name);
  const auto& text = found->get_ref<const std::string&>();
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size()) throw strange(name);
  return number;
}

std::optional<double> AnswerMembers::real(const char* name) const {
  const auto* found = find(name);
  if (found == nullptr) return std::nullopt;
  if (!found->is_number()) throw strange(name);
  return found->get<double>();
}

std::optional<bool> AnswerMembers::flag(const char* name) const {
  const auto* found = find(name);
  if (found == nullptr) return std::nullopt;
  if (!found->is_boolean()) throw strange(name);
  return found->get<bool>();
}

std::optional<std::int64_t> AnswerMembers::moment(const char* name) const {
  const auto given = optional_text(name);
  if (!given) return std::nullopt;
  const auto unix_ms = parse_utc(*given);
  if (!unix_ms) throw strange(name);
  return unix_ms;
}

std::vector<ordered_json> AnswerMembers::list(const char* name) const {
  const auto* found = find(name);
  if (found == nullptr) return {};
  if (!found->is_array()) throw strange(name);
  return {found->begin(), found->end()};
}

preflight::Findings AnswerMembers::findings(const char* name) const {
  preflight::Findings all;
  for (const auto& item : list(name)) {
    const AnswerMembers finding(item);
    auto severity = preflight::Severity::kOk;
    for (const auto known : {preflight::Severity::kInfo, preflight::Severity::kWarning, preflight::Severity::kError}) {
      if (finding.text("severity") == preflight::to_string(known)) severity = known;
    }
    all.push_back({finding.text("id"), severity, finding.text("object"), finding.text("found"), finding.text("fix")});
  }
  return all;
}

std::optional<std::int64_t> parse_utc(const std::string& text) {
  using namespace std::chrono;
  int year_number = 0;
  unsigned month_number = 0, day_number = 0, hour = 0, minute = 0, second = 0, millisecond = 0;
  int end = 0;
  const int fields = std::sscanf(text.c_str(), "%4d-%2u-%2uT%2u:%2u:%2u.%3uZ%n", &year_number, &month_number,
                                 &day_number, &hour, &minute, &second, &millisecond, &end);
  if (fields != 7 || end != static_cast<int>(text.size())) return std::nullopt;
  const year_month_day date{year{year_number}, month{month_number}, day{day_number}};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const auto moment = sys_days{date} + hours{hour} + minutes{minute} + seconds{second} + milliseconds{millisecond};
  return duration_cast<milliseconds>(moment.time_since_epoch()).count();
}

schema::TableName written_table(const std::string& text) {
  const auto dot = text.find('.');
  if (dot == std::string::npos) return {"", text};
  return {text.substr(0, dot), text.substr(dot + 1)};
}

}  // namespace millrace::cli
