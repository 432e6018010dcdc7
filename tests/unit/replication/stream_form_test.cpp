#include "replication/stream_form.hpp"

#include <gtest/gtest.h>

#include "schema_fixture.hpp"

namespace millrace::replication {
namespace {

class StreamForm : public testing::Test {
 protected:
  StreamForm() : table_("P", orders_shape(), schema::ValuePolicy::kFail, ApplyMode::kNet) {
    catalog_.now = orders_live();
  }
  void add(const schema::SourceColumn& source, std::uint32_t oid) {
    catalog_.now.push_back(live(source.attnum, source.name, oid));
    catalog_.details[source.attnum] = {source, {}};
  }
  static schema::SourceColumn array_column(int attnum) {
    auto source = column(attnum, "tags", "int4", 1007);
    source.type.is_array = true;
    return source;
  }

  TableBinding table_;
  FakeCatalog catalog_;
};

TEST_F(StreamForm, KnownColumnsOfPlainTypesMayBeBinary) {
  EXPECT_TRUE(binary_fits(table_, catalog_));
  catalog_.now.clear();
  EXPECT_TRUE(binary_fits(table_, catalog_)) << "the table is gone: nothing more will come";
}

TEST_F(StreamForm, ANewColumnMustBeUnderstoodInBinaryToo) {
  add(column(7, "extra", "int4", 23), 23);
  EXPECT_TRUE(binary_fits(table_, catalog_));
  add(array_column(8), 1007);
  EXPECT_FALSE(binary_fits(table_, catalog_));
}

TEST_F(StreamForm, AndAColumnOfAnotherType) {
  catalog_.now[1].type = {1007};
  catalog_.details[2] = {array_column(2), {}};
  EXPECT_FALSE(binary_fits(table_, catalog_));
}

TEST_F(StreamForm, ACarriedColumnThatIsTextMakesTheStreamText) {
  const auto table = bind(source_table("orders", {column(1, "id", "int4", 23, true), array_column(2)}, {"id"}));
  EXPECT_FALSE(binary_fits(*table, catalog_));
}

}  // namespace
}  // namespace millrace::replication
