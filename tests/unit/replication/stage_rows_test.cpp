#include "replication/stage_rows.hpp"

#include <gtest/gtest.h>

#include "binding_fixture.hpp"
#include "schema/cell_text.hpp"
#include "tuples.hpp"

namespace millrace::replication {
namespace {

/// The row's cells as people write them: head, key before, columns.
std::string shown(const TableBinding& table, const std::vector<schema::Cell>& cells) {
  std::string text;
  const auto columns = stage_columns(table);
  EXPECT_EQ(columns.size(), cells.size());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) text += i == 4 || i == 4 + table.key().size() ? " | " : ",";
    const auto kind = schema::cell_kind(columns[i].type);
    text += cells[i].null ? "-" : schema::to_display(kind, cells[i], columns[i].type);
  }
  return text;
}

NetChange change(NetOp op, std::string_view old_key, std::string_view row) {
  NetChange made{.op = op};
  if (!old_key.empty()) made.old_key = tuple(old_key);
  if (!row.empty()) made.row = tuple(row);
  return made;
}

TEST(StageRows, HeadKeyAndColumns) {
  const auto table = lines();
  StageRows rows(*table);
  EXPECT_EQ(shown(*table, rows.encode(9, 0, change(NetOp::kInsert, "", "7,p,text,1.5"))),
            "9,0,5,0 | -,- | 7,p,text,1.5");
  EXPECT_EQ(shown(*table, rows.encode(9, 1, change(NetOp::kDelete, "q,8", ""))), "9,1,1,0 | q,8 | -,-,-,-");
  EXPECT_EQ(shown(*table, rows.encode(9, 2, change(NetOp::kReplace, "q,8", "8,r,-,-"))), "9,2,2,0 | q,8 | 8,r,-,-")
      << "nothing of an earlier row is left";
}

TEST(StageRows, EachSetOfUnsentColumnsHasItsNumber) {
  const auto table = lines();
  StageRows rows(*table);
  const auto mask = [&](std::string_view row) {
    return rows.encode(1, 1, change(NetOp::kUpdate, "p,7", row))[3].integer;
  };
  EXPECT_EQ(mask("7,p,text,1"), 0);
  EXPECT_EQ(mask("7,p,~,1"), 1);
  EXPECT_EQ(mask("7,p,~,~"), 2);
  EXPECT_EQ(mask("7,p,~,2"), 1);
  EXPECT_EQ(rows.masks(), (std::vector<std::vector<bool>>{
                              {false, false, false, false}, {false, false, true, false}, {false, false, true, true}}));
  rows.clear_masks();
  EXPECT_EQ(mask("7,p,~,~"), 1);
}

TEST(StageRows, AnUnsentValueIsNoValue) {
  const auto table = orders();
  StageRows rows(*table);
  EXPECT_EQ(shown(*table, rows.encode(1, 1, change(NetOp::kUpdate, "1", "1,~,t"))), "1,1,4,1 | 1 | 1,-,1");
}

TEST(StageRows, AValueWithoutAPlaceIsNamedByTableColumnAndKey) {
  const auto table = lines();
  StageRows rows(*table);
  for (const bool known_key : {true, false}) {
    try {
      rows.encode(1, 1,
                  known_key ? change(NetOp::kUpdate, "p,7", "7,p,a,NaN") : change(NetOp::kInsert, "", "7,p,a,NaN"));
      FAIL() << "NaN has no place in a float column";
    } catch (const schema::ValueError& error) {
      EXPECT_EQ(error.code(), ErrorCode::kValueUnrepresentable);
      EXPECT_EQ(error.context().table, "public.order]lines");
      EXPECT_EQ(error.context().column, "size");
      ASSERT_EQ(error.notes().size(), 1U);
      EXPECT_EQ(error.notes()[0], "row part=p, no=7");
    }
  }
}

TEST(StageRows, AKeyThatCannotBeReadIsStillNoFault) {
  const auto table = lines();
  EXPECT_EQ(key_text(*table, tuple("p,seven")), "part=p, no=?");
  EXPECT_EQ(key_text(*table, tuple("-,7")), "part=NULL, no=7");
}

}  // namespace
}  // namespace millrace::replication
