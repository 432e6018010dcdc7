#include "preflight/check_list.hpp"

#include <algorithm>
#include <map>
#include <sstream>

namespace millrace::preflight {
namespace {

CheckStatus status_of(Severity severity) {
  switch (severity) {
    case Severity::kOk:
    case Severity::kInfo:
      return CheckStatus::kPass;
    case Severity::kWarning:
      return CheckStatus::kWarn;
    case Severity::kError:
      return CheckStatus::kFail;
  }
  return CheckStatus::kFail;
}

/// "source.max_slot_wal_keep_size" -> "Max slot wal keep size": for findings that no list gives a title.
std::string title_from(const std::string& id) {
  std::string title = id.substr(id.find('.') + 1);
  std::replace(title.begin(), title.end(), '_', ' ');
  std::replace(title.begin(), title.end(), '.', ' ');
  if (!title.empty() && title.front() >= 'a' && title.front() <= 'z') {
    title.front() = static_cast<char>(title.front() - 'a' + 'A');
  }
  return title;
}

std::string words_of(const Error& error) {
  return error.cause().empty() ? error.message() : error.message() + " " + error.cause();
}

}  // namespace

CheckList::CheckList(std::vector<Expected> expected, bool foreign_words)
    : expected_(std::move(expected)), foreign_words_(foreign_words) {}

void CheckList::set(const std::string& id, CheckStatus status, const std::string& object, const std::string& message,
                    const std::string& fix) {
  checks_.push_back({id, title_from(id), status, object, message, fix});
}

void CheckList::pass(const std::string& id, const std::string& message) {
  set(id, CheckStatus::kPass, "", message, "");
}

void CheckList::warn(const std::string& id, const std::string& message, const std::string& fix) {
  set(id, CheckStatus::kWarn, "", message, fix);
}

void CheckList::fail(const std::string& id, const std::string& message, const std::string& fix) {
  set(id, CheckStatus::kFail, "", message, fix);
}

void CheckList::fail(const std::string& id, const std::string& message, const Error& error) {
  fail(id, foreign_words_ ? message + ": " + words_of(error) : message, error.suggestion());
}

void CheckList::take(const Findings& findings) {
  for (const auto& finding : findings) {
    set(finding.id, status_of(finding.severity), finding.object, finding.found, finding.fix);
  }
}

std::vector<Check> CheckList::finish(bool looked) {
  std::vector<Check> ordered;
  for (const auto& expected : expected_) {
    const auto before = ordered.size();
    for (auto& check : checks_) {
      if (check.id != expected.id) continue;
      check.title = expected.title;
      ordered.push_back(std::move(check));
      check.id.clear();
    }
    if (ordered.size() > before) continue;
    ordered.push_back({expected.id, expected.title, looked ? CheckStatus::kPass : CheckStatus::kSkipped, "",
                       looked ? "nothing to remark" : "not looked at: a check before it failed"});
  }
  for (auto& check : checks_) {
    if (!check.id.empty()) ordered.push_back(std::move(check));
  }
  return ordered;
}

bool ConnectionReport::ok() const {
  return std::none_of(checks.begin(), checks.end(),
                      [](const Check& check) { return check.status == CheckStatus::kFail; });
}

const char* to_string(CheckStatus status) {
  switch (status) {
    case CheckStatus::kPass:
      return "pass";
    case CheckStatus::kWarn:
      return "warn";
    case CheckStatus::kFail:
      return "fail";
    case CheckStatus::kSkipped:
      return "skipped";
  }
  return "skipped";
}

bool is_sql(const std::string& fix) {
  std::istringstream lines(fix);
  std::string line;
  bool any = false;
  while (std::getline(lines, line)) {
    if (line.empty() || line.starts_with("--")) continue;
    const auto word = line.substr(0, line.find(' '));
    const bool statement = line.ends_with(';') && line.find("..") == std::string::npos &&
                           std::all_of(word.begin(), word.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    if (!statement || line.find("; or ") != std::string::npos) return false;
    any = true;
  }
  return any;
}

}  // namespace millrace::preflight
