#include "cli/connection_view.hpp"

#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/answer_members.hpp"

namespace millrace::cli {
namespace {

using nlohmann::ordered_json;

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::string last_test(const ordered_json& connection) {
  const auto* found = AnswerMembers(connection).find("lastTest");
  if (found == nullptr) return "never";
  const AnswerMembers test(*found);
  return std::string(test.flag("ok").value_or(false) ? "passed " : "failed ") + test.text("at");
}

const char* glyph(const std::string& status) {
  if (status == "pass") return "✓";
  if (status == "warn") return "⚠";
  return status == "fail" ? "✗" : "·";
}

void print_lines(std::ostream& out, const std::string& text, const char* first, const char* others) {
  for (std::size_t start = 0; start < text.size();) {
    const auto end = std::min(text.find('\n', start), text.size());
    out << (start == 0 ? first : others) << text.substr(start, end - start) << '\n';
    start = end + 1;
  }
}

}  // namespace

std::string connection_url(const ordered_json& connection) {
  const AnswerMembers members(connection);
  const auto* endpoint = members.find("endpoint");
  if (endpoint == nullptr) return "";
  const AnswerMembers inner(*endpoint);
  return (members.text("kind") == "source" ? "postgres://" : "sqlserver://") + inner.text("user") + "@" +
         inner.text("host") + ":" + std::to_string(inner.count("port").value_or(0)) + "/" + inner.text("database");
}

void show_connections(std::ostream& out, Format format, const std::vector<ordered_json>& connections) {
  if (format != Format::kTable) return print_value(out, format, connections);
  std::vector<std::vector<std::string>> rows;
  for (const auto& connection : connections) {
    const AnswerMembers members(connection);
    rows.push_back({members.text("name"), members.text("kind"), connection_url(connection),
                    members.flag("passwordSet").value_or(false) ? "set" : "-", listed(members.texts("usedBy")),
                    last_test(connection)});
  }
  print_table(out, {"CONNECTION", "KIND", "WHERE", "PASSWORD", "USED BY", "LAST TEST"}, rows,
              "No saved connections yet: `millrace connections create --help` shows how to make one.");
}

void show_connection(std::ostream& out, Format format, const ordered_json& connection) {
  if (format != Format::kTable) return print_value(out, format, connection);
  const AnswerMembers members(connection);
  out << members.text("name") << "  " << members.text("kind") << "  " << connection_url(connection) << '\n';
  std::vector<std::vector<std::string>> rows;
  if (const auto* endpoint = members.find("endpoint")) {
    for (const auto& [name, value] : endpoint->items()) {
      const auto text = value.is_string() ? value.get<std::string>() : value.dump();
      if (!text.empty()) rows.push_back({"  " + name, text});
    }
  }
  rows.push_back({"  password", members.flag("passwordSet").value_or(false) ? "set" : "not set"});
  const auto pipelines = listed(members.texts("usedBy"));
  rows.push_back({"  used by", pipelines.empty() ? "no pipeline" : pipelines});
  rows.push_back({"  last test", last_test(connection)});
  rows.push_back({"  changed", members.text("updatedAt")});
  print_table(out, {"  SETTING", "VALUE"}, rows, "");
}

void show_changed_connection(std::ostream& out, Format format, const ordered_json& changed) {
  if (format != Format::kTable) return print_value(out, format, changed);
  const AnswerMembers members(changed);
  out << "✓ Connection " << members.text("name") << " changed.\n";
  for (const auto& item : members.list("applied")) {
    const AnswerMembers one(item);
    if (one.flag("ok").value_or(false)) {
      out << "  ✓ " << one.text("pipeline") << " follows\n";
    } else {
      out << "  ✗ " << one.text("pipeline") << ": " << one.text("code") << ": " << one.text("message") << '\n';
    }
  }
}

void show_connection_report(std::ostream& out, Format format, const ordered_json& report) {
  if (format != Format::kTable) return print_value(out, format, report);
  const AnswerMembers members(report);
  if (const auto product = members.text("product"); !product.empty()) {
    out << product << ' ' << members.text("version") << '\n';
  }
  for (const auto& item : members.list("checks")) {
    const AnswerMembers check(item);
    out << "  " << glyph(check.text("status")) << ' ' << check.text("title");
    if (const auto object = check.text("object"); !object.empty()) out << " (" << object << ')';
    if (const auto message = check.text("message"); !message.empty()) out << ": " << message;
    out << '\n';
    print_lines(out, check.text("fix"), "    → ", "      ");
  }
}

}  // namespace millrace::cli
