#include "replication/row_store.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "tuples.hpp"

namespace millrace::replication {
namespace {

using pgoutput::FieldKind;
using pgoutput::Tuple;

TEST(RowStore, GivesBackEveryKindOfField) {
  RowStore store;
  const std::string zeros("\0\1\0", 3);
  const Tuple row = {{FieldKind::kNull, {}},
                     {FieldKind::kUnchanged, {}},
                     {FieldKind::kText, ""},
                     {FieldKind::kText, "caf\xC3\xA9"},
                     {FieldKind::kBinary, zeros}};
  const auto at = store.add(row);
  Tuple back;
  store.read(at, back);
  ASSERT_EQ(back.size(), row.size());
  for (std::size_t i = 0; i < row.size(); ++i) {
    EXPECT_EQ(back[i].kind, row[i].kind) << i;
    EXPECT_EQ(back[i].value, row[i].value) << i;
  }
}

TEST(RowStore, RowsOfManyWidthsStandBesideEachOther) {
  RowStore store;
  std::vector<RowStore::Offset> places;
  for (int i = 0; i < 50; ++i) {
    const std::string value(static_cast<std::size_t>(i * 37), static_cast<char>('a' + i % 26));
    places.push_back(store.add(Tuple(static_cast<std::size_t>(i % 5), {FieldKind::kText, value})));
  }
  Tuple back;
  for (int i = 49; i >= 0; --i) {
    store.read(places[static_cast<std::size_t>(i)], back);
    ASSERT_EQ(back.size(), static_cast<std::size_t>(i % 5));
    for (const auto& each : back) {
      EXPECT_EQ(each.value, std::string(static_cast<std::size_t>(i * 37), static_cast<char>('a' + i % 26)));
    }
  }
}

TEST(RowStore, AReusedTupleKeepsNothingOfTheRowBefore) {
  RowStore store;
  const auto wide = store.add(tuple("a,b,c"));
  const auto narrow = store.add(tuple("-"));
  Tuple back;
  store.read(wide, back);
  store.read(narrow, back);
  EXPECT_EQ(show(back), "-");
  EXPECT_TRUE(back.at(0).value.empty());
}

TEST(RowStore, ALongValueStaysInItsFile) {
  RowStore store;
  std::weak_ptr<const MappedBytes> watched;
  RowStore::Offset at = 0;
  const std::string text(100'000, 'x');
  {
    UnlinkedFile file(std::filesystem::temp_directory_path());
    file.write(0, "id" + text);
    const auto mapped = MappedBytes::of(file, 0, 2 + text.size());
    watched = mapped;
    at = store.add(Tuple{{FieldKind::kText, mapped->view().substr(0, 2)},
                         {FieldKind::kBinary, mapped->view().substr(2), mapped.get()},
                         {FieldKind::kNull, {}}});
  }
  EXPECT_EQ(store.bytes(), text.size() + 2 + 1 + 4 + 2 + 1 + sizeof(std::string_view) + sizeof(void*) + 1);
  ASSERT_FALSE(watched.expired());
  Tuple back;
  store.read(at, back);
  ASSERT_EQ(back.size(), 3U);
  EXPECT_EQ(back[0].value, "id");
  EXPECT_EQ(back[0].mapped, nullptr);
  EXPECT_EQ(back[1].kind, FieldKind::kBinary);
  EXPECT_EQ(back[1].value, text);
  EXPECT_EQ(back[1].mapped, watched.lock().get());
  EXPECT_EQ(back[2].kind, FieldKind::kNull);
  EXPECT_EQ(back[2].mapped, nullptr);
  store.clear();
  EXPECT_TRUE(watched.expired());
  EXPECT_EQ(store.bytes(), 0U);
}

TEST(RowStore, ClearGivesTheMemoryBackForUse) {
  RowStore store;
  store.add(tuple("a,b"));
  EXPECT_GT(store.bytes(), 0U);
  store.clear();
  EXPECT_EQ(store.bytes(), 0U);
  EXPECT_EQ(store.add(tuple("c")), 0U);
}

TEST(RowStore, AFieldsBytesTellKindLengthAndValue) {
  const auto bytes = [](const pgoutput::Field& each) {
    std::string to;
    append_field(to, each);
    return to;
  };
  EXPECT_EQ(bytes(field("a")), bytes(field("a")));
  EXPECT_NE(bytes(field("a")), bytes({FieldKind::kBinary, "a"}));
  EXPECT_NE(bytes(field("-")), bytes(field("")));
  EXPECT_NE(bytes(field("-")), bytes(field("~")));
  EXPECT_NE(bytes(field("a")) + bytes(field("bc")), bytes(field("ab")) + bytes(field("c")));
}

}  // namespace
}  // namespace millrace::replication
