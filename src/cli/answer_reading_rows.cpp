// The part of answer_reading.hpp that is about rows: verify and quarantine.
#include <nlohmann/json.hpp>

#include "cli/answer_members.hpp"
#include "cli/answer_reading.hpp"

namespace millrace::cli {
namespace {

using nlohmann::ordered_json;
using replication::RetriedRow;
using replication::RowDifference;
using replication::RowFault;

template <typename Word>
Word from_word(const std::string& word, std::initializer_list<Word> words, Word otherwise) {
  for (const auto known : words) {
    if (word == replication::to_string(known)) return known;
  }
  return otherwise;
}

std::vector<RowDifference> read_rows(const AnswerMembers& table, const char* name) {
  std::vector<RowDifference> rows;
  for (const auto& item : table.list(name)) {
    const AnswerMembers members(item);
    RowDifference row{
        .fault = from_word(members.text("fault"), {RowFault::kMissing, RowFault::kExtra}, RowFault::kDifferent),
        .copies = members.count("copies").value_or(1),
        .note = members.text("note")};
    for (const auto& part : members.list("key")) {
      const AnswerMembers key(part);
      row.key.push_back({key.text("column"), key.optional_text("value")});
    }
    for (const auto& part : members.list("columns")) {
      const AnswerMembers column(part);
      row.columns.push_back({column.text("column"), column.optional_text("source"), column.optional_text("target")});
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

std::vector<replication::TableVerdict> read_verdicts(const ordered_json& value) {
  std::vector<replication::TableVerdict> verdicts;
  for (const auto& item : AnswerMembers(value).list("tables")) {
    const AnswerMembers members(item);
    const auto count = [&](const char* name) { return members.count(name).value_or(0); };
    verdicts.push_back({.source = written_table(members.text("table")),
                        .target = written_table(members.text("target")),
                        .loaded = members.text("result") != "not loaded",
                        .source_rows = count("sourceRows"),
                        .target_rows = count("targetRows"),
                        .missing = count("missing"),
                        .extra = count("extra"),
                        .different = count("different"),
                        .still_changing = count("stillChanging"),
                        .repaired = count("repaired"),
                        .seconds = members.real("seconds").value_or(0),
                        .rows = read_rows(members, "rows"),
                        .repaired_rows = read_rows(members, "repairedRows")});
  }
  return verdicts;
}

replication::QuarantineEntry read_quarantined(const ordered_json& value) {
  const AnswerMembers members(value);
  const auto* row = members.find("row");
  return {.id = members.count("id").value_or(0),
          .source = members.text("table"),
          .target = members.text("target"),
          .op = members.text("op"),
          .lsn = Lsn::parse(members.text("lsn")).value_or(Lsn()),
          .commit_ms = members.moment("committedAt"),
          .key_text = members.text("key"),
          .row_json = row == nullptr ? std::string() : row->dump(),
          .reason = members.text("reason"),
          .created_ms = members.moment("since").value_or(0),
          .discarded_ms = members.moment("discardedAt")};
}

std::vector<RetriedRow> read_retried(const ordered_json& value) {
  std::vector<RetriedRow> rows;
  for (const auto& item : AnswerMembers(value).list("rows")) {
    const AnswerMembers members(item);
    using enum RetriedRow::Outcome;
    rows.push_back({.source = members.text("table"),
                    .key_text = members.text("key"),
                    .outcome = from_word(members.text("result"), {kWritten, kGone, kUnfindable, kChanging}, kRefused),
                    .reason = members.text("reason")});
  }
  return rows;
}

}  // namespace millrace::cli
