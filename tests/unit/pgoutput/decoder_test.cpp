#include "pgoutput/decoder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "message_bytes.hpp"
#include "support/error.hpp"

namespace millrace::pgoutput {
namespace {

using namespace bytes;

constexpr std::string_view kZeroes("\0\1\0", 3);

struct Case {
  std::string name;
  std::string bytes;
  bool in_block = false;      ///< stands inside a streamed block
  bool prefix_valid = false;  ///< StreamAbort: its short form is a prefix of its long one
};

std::vector<RelationColumn> columns() {
  return {key_column("id", 20), column("note", 1043, 104), column("", 25)};
}

// Every message, in its smallest and in its richest form.
std::vector<Case> cases() {
  const std::string long_text(70000, 'x');
  return {
      {"begin", begin(0x16B374D848, 731, 786000000000001)},
      {"begin_of_negative_time", begin(1, 0xffffffff, -5)},
      {"commit", commit(0x16B374D848, 0xfffffffffffffff0, 786000000000002)},
      {"origin", encode(Origin{Lsn(77), "node-2"})},
      {"message", logical_message("millrace", kZeroes, 99, true)},
      {"message_empty", logical_message("", "", 0, false)},
      {"message_streamed", logical_message("p", "c", 99, true, 733), true},
      {"relation", relation(16385, "public", "t", columns())},
      {"relation_full", relation(16385, "", "pg_class", {}, 'f')},
      {"relation_index", relation(4294967295, "S x", "T\"", columns(), 'i')},
      {"relation_nothing", relation(1, "s", "t", {column("c", 23)}, 'n')},
      {"relation_streamed", relation(16385, "public", "t", columns(), 'd', 733), true},
      {"type", encode(Type{.id = Oid{16390}, .schema = "public", .name = "mood"})},
      {"type_streamed", encode(Type{Xid{733}, Oid{16390}, "public", "mood"}), true},
      {"insert", insert(16385, {text("1"), null(), binary(kZeroes), unchanged(), text("")})},
      {"insert_no_columns", insert(16385, {})},
      {"insert_long", insert(16385, {text(long_text)})},
      {"insert_streamed", insert(16385, {text("1"), null()}, 734), true},
      {"update", update(16385, {text("1"), unchanged()})},
      {"update_key", update(16385, OldTuple::kKey, {text("1"), null()}, {text("2"), unchanged()})},
      {"update_full", update(16385, OldTuple::kFull, {text("1"), binary("x")}, {text("2"), null()})},
      {"update_streamed", update(16385, OldTuple::kFull, {text("1")}, {text("2")}, 734), true},
      {"delete_key", remove(16385, OldTuple::kKey, {text("1"), null()})},
      {"delete_full", remove(16385, OldTuple::kFull, {text("1"), binary("x")})},
      {"delete_streamed", remove(16385, OldTuple::kKey, {text("1")}, 734), true},
      {"truncate", truncate({16385, 16390})},
      {"truncate_options", encode(Truncate{{}, true, true, {Oid{1}}})},
      {"truncate_cascade", encode(Truncate{{}, true, false, {Oid{1}}})},
      {"truncate_streamed", truncate({16385}, 734), true},
      {"stream_start", stream_start(733, true)},
      {"stream_start_again", stream_start(733, false)},
      {"stream_stop", stream_stop(), true},
      {"stream_commit", stream_commit(733, 1000, 1008, 5)},
      {"stream_abort", stream_abort(733, 734)},
      {"stream_abort_parallel", encode(StreamAbort{Xid{733}, Xid{733}, Lsn(99), 12}), false, true},
      {"begin_prepare", encode(BeginPrepare{Lsn(1), Lsn(2), 3, Xid{4}, "gid"})},
      {"prepare", encode(Prepare{Lsn(1), Lsn(2), 3, Xid{4}, "gid"})},
      {"commit_prepared", encode(CommitPrepared{Lsn(1), Lsn(2), 3, Xid{4}, "gid"})},
      {"rollback_prepared", encode(RollbackPrepared{Lsn(1), Lsn(2), 3, 4, Xid{5}, "gid"})},
      {"stream_prepare", encode(StreamPrepare{Lsn(1), Lsn(2), 3, Xid{4}, ""})},
  };
}

// Bytes at the very end of their allocation, so that AddressSanitizer sees any read behind them.
struct Exact {
  explicit Exact(std::string_view bytes) : size(bytes.size()), data(new char[bytes.size()]) {
    bytes.copy(data.get(), size);
  }
  std::string_view view() const { return {data.get(), size}; }
  std::size_t size;
  std::unique_ptr<char[]> data;
};

Decoder decoder_for(bool in_block) {
  Decoder decoder;
  Message message;
  if (in_block) decoder.decode(stream_start(733, true), message);
  return decoder;
}

// The error's text, or nothing when the bytes are decoded.
std::string refusal(std::string_view bytes, bool in_block) {
  const Exact exact(bytes);
  Decoder decoder = decoder_for(in_block);
  Message message;
  try {
    decoder.decode(exact.view(), message);
    return {};
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kProtocol);
    return error.message();
  }
}

class EachMessage : public testing::TestWithParam<Case> {};

TEST_P(EachMessage, DecodesToWhatWasEncoded) {
  const Exact exact(GetParam().bytes);
  Decoder decoder = decoder_for(GetParam().in_block);
  Message message;
  decoder.decode(exact.view(), message);
  EXPECT_EQ(encode(message), GetParam().bytes);
}

TEST_P(EachMessage, NoPrefixIsAMessage) {
  const std::string& bytes = GetParam().bytes;
  for (std::size_t size = 0; size < bytes.size(); size += size < 300 ? 1 : 997) {
    if (GetParam().prefix_valid && size == stream_abort(1, 2).size()) continue;
    EXPECT_NE(refusal(std::string_view(bytes).substr(0, size), GetParam().in_block), "") << size << " bytes";
  }
}

TEST_P(EachMessage, NothingMayFollow) {
  EXPECT_NE(refusal(GetParam().bytes + '\0', GetParam().in_block), "");
}

TEST_P(EachMessage, NoChangedByteCrashes) {
  const std::string& bytes = GetParam().bytes;
  for (std::size_t at = 0; at < std::min<std::size_t>(bytes.size(), 200); ++at) {
    for (const char value : {'\0', '\1', '\x7f', '\x80', '\xff'}) {
      std::string changed = bytes;
      changed[at] = value;
      refusal(changed, GetParam().in_block);
    }
  }
}

// Change's place: with the other state of the stream it is refused, or its id is read from other bytes.
TEST_P(EachMessage, ControlMessagesHaveTheirPlace) {
  const char type = GetParam().bytes.front();
  if (std::string_view("BCScAbPKrpE").find(type) == std::string_view::npos) return;
  EXPECT_THAT(refusal(GetParam().bytes, !GetParam().in_block), testing::HasSubstr("streamed block"));
}

INSTANTIATE_TEST_SUITE_P(Decoder, EachMessage, testing::ValuesIn(cases()),
                         [](const auto& each) { return each.param.name; });

template <typename Kind>
Kind decoded(std::string_view bytes, bool in_block = false) {
  Decoder decoder = decoder_for(in_block);
  Message message;
  decoder.decode(bytes, message);
  return std::get<Kind>(message);
}

// The encoder of the tests and the decoder could share a fault: here are bytes as the documentation lays them out.
TEST(Decoder, ReadsBytesOfTheDocumentation) {
  using namespace std::string_view_literals;
  const auto row = decoded<Insert>("I\0\0\x40\x01N\0\3t\0\0\0\2abnu"sv);
  EXPECT_EQ(row.relation.value, 0x4001U);
  ASSERT_EQ(row.row.size(), 3U);
  EXPECT_EQ(row.row[0].value, "ab");
  EXPECT_EQ(row.row[0].kind, FieldKind::kText);
  EXPECT_EQ(row.row[1].kind, FieldKind::kNull);
  EXPECT_EQ(row.row[2].kind, FieldKind::kUnchanged);

  const auto start = decoded<StreamStart>("S\0\0\1\0\1"sv);
  EXPECT_EQ(start.xid.value, 256U);
  EXPECT_TRUE(start.first);

  const auto abort = decoded<StreamAbort>("A\0\0\0\1\0\0\0\2\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0\4"sv);
  EXPECT_EQ(abort.xid.value, 1U);
  EXPECT_EQ(abort.subxid.value, 2U);
  EXPECT_EQ(abort.abort_lsn.value(), 3U);
  EXPECT_EQ(abort.abort_time, 4);

  const auto rollback =
      decoded<RollbackPrepared>("r\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0\4\0\0\0\5g\0"sv);
  EXPECT_EQ(rollback.prepare_end_lsn.value(), 1U);
  EXPECT_EQ(rollback.rollback_end_lsn.value(), 2U);
  EXPECT_EQ(rollback.prepare_time, 3);
  EXPECT_EQ(rollback.rollback_time, 4);
  EXPECT_EQ(rollback.xid.value, 5U);
  EXPECT_EQ(rollback.gid, "g");

  const auto begin = decoded<BeginPrepare>("b\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0\3\0\0\0\4g\0"sv);
  EXPECT_EQ(begin.prepare_lsn.value(), 1U);
  EXPECT_EQ(begin.end_lsn.value(), 2U);
  EXPECT_EQ(begin.xid.value, 4U);

  const auto relation = decoded<Relation>("R\0\0\x40\x01s\0t\0d\0\1\1id\0\0\0\0\x17\xff\xff\xff\xff"sv);
  EXPECT_EQ(relation.schema, "s");
  EXPECT_EQ(relation.name, "t");
  ASSERT_EQ(relation.columns.size(), 1U);
  EXPECT_TRUE(relation.columns[0].key);
  EXPECT_EQ(relation.columns[0].name, "id");
  EXPECT_EQ(relation.columns[0].type.value, 23U);
  EXPECT_EQ(relation.columns[0].modifier, -1);

  const auto change = decoded<Update>("U\0\0\0\7\0\0\x40\x01K\0\1t\0\0\0\1aN\0\1b\0\0\0\1b"sv, true);
  EXPECT_EQ(change.xid.value, 7U);
  EXPECT_EQ(change.old_kind, OldTuple::kKey);
  EXPECT_EQ(change.old.at(0).value, "a");
  EXPECT_EQ(change.row.at(0).kind, FieldKind::kBinary);

  const auto message = decoded<LogicalMessage>("M\1\0\0\0\0\0\0\0\x9p\0\0\0\0\2hi"sv);
  EXPECT_TRUE(message.transactional);
  EXPECT_EQ(message.lsn.value(), 9U);
  EXPECT_EQ(message.prefix, "p");
  EXPECT_EQ(message.content, "hi");

  const auto truncate = decoded<Truncate>("T\0\0\0\1\2\0\0\0\5"sv);
  EXPECT_FALSE(truncate.cascade);
  EXPECT_TRUE(truncate.restart_identity);
  EXPECT_EQ(truncate.relations.at(0).value, 5U);
}

TEST(Decoder, RefusesNonsense) {
  using namespace std::string_view_literals;
  const struct {
    std::string_view bytes;
    std::string_view reason;
  } table[] = {
      {""sv, "empty"},
      {"?"sv, "type 0x3f"},
      {"\0"sv, "type 0x00"},
      {"I\0\0\0\1K\0\0"sv, "tuple mark 0x4b"},
      {"I\0\0\0\1N\0\1t\xff\xff\xff\xff"sv, "-1 bytes"},
      {"I\0\0\0\1N\0\1t\x80\0\0\0"sv, "-2147483648 bytes"},
      {"I\0\0\0\1N\0\1t\0\0\0\2a"sv, "2 bytes was announced, 1 are left"},
      {"I\0\0\0\1N\0\1x"sv, "column kind 0x78"},
      {"I\0\0\0\1N\xff\xffnn"sv, "more columns"},
      {"I\0\0\0\1N\0\1nn"sv, "1 bytes too many"},
      {"I\0\0\0\1N\0\2n"sv, "more columns"},
      {"U\0\0\0\1O\0\1nK\0\1n"sv, "tuple mark"},
      {"U\0\0\0\1X"sv, "tuple mark 0x58"},
      {"D\0\0\0\1N\0\1n"sv, "tuple mark 0x4e"},
      {"T\xff\xff\xff\xff\0\0\0\0\5"sv, "more relations"},
      {"T\0\0\0\2\0\0\0\0\5"sv, "more relations"},
      {"T\0\0\0\1\4\0\0\0\5"sv, "options"},
      {"R\0\0\0\1s\0t\0x\0\0"sv, "replica identity 0x78"},
      {"R\0\0\0\1s\0t"sv, "no end"},
      {"R\0\0\0\1s\0t\0d\xff\xff\0"sv, "more columns"},
      {"R\0\0\0\1s\0t\0d\0\1\2c\0\0\0\0\1\0\0\0\1"sv, "column flags"},
      {"C\1"sv, "flags"},
      {"M\2"sv, "flags"},
      {"M\0\0\0\0\0\0\0\0\0p\0\xff\xff\xff\xff"sv, "-1 bytes"},
      {"S\0\0\0\0\1"sv, "no id"},
      {"S\0\0\0\1\2"sv, "first-segment"},
      {"E"sv, "no streamed block"},
  };
  for (const auto& row : table) {
    EXPECT_THAT(refusal(row.bytes, false), testing::HasSubstr(row.reason));
  }
  EXPECT_THAT(refusal("I\0\0\0\0\0\0\0\1N\0\0"sv, true), testing::HasSubstr("no transaction id"));
}

TEST(Decoder, ErrorsNameTypeAndOffset) {
  EXPECT_EQ(refusal(std::string_view("B\0\0", 3), false), "Begin, byte 1: 8 bytes were expected, 2 are left.");
}

TEST(Decoder, FollowsStreamedBlocks) {
  Decoder decoder;
  Message message;
  decoder.decode(stream_start(733, true), message);
  const std::string streamed = insert(1, {text("a")}, 734);
  decoder.decode(streamed, message);
  EXPECT_EQ(std::get<Insert>(message).xid.value, 734U);
  // A message that is refused leaves the block open.
  EXPECT_THROW(decoder.decode(stream_stop() + "x", message), Error);
  decoder.decode(streamed, message);
  decoder.decode(stream_stop(), message);
  const std::string plain = insert(1, {text("a")});
  decoder.decode(plain, message);
  EXPECT_EQ(std::get<Insert>(message).xid.value, 0U);

  decoder.decode(stream_start(733, false), message);
  decoder.reset();
  decoder.decode(plain, message);
  EXPECT_EQ(std::get<Insert>(message).relation.value, 1U);
}

TEST(Decoder, ForgetsTheMessageBefore) {
  Decoder decoder;
  Message message;
  decoder.decode(update(1, OldTuple::kFull, {text("a"), text("b")}, {text("c"), text("d")}), message);
  const std::string shorter = update(2, {null()});
  decoder.decode(shorter, message);
  EXPECT_EQ(encode(message), shorter);
  const std::string parallel = encode(StreamAbort{Xid{1}, Xid{2}, Lsn(3), 4});
  decoder.decode(parallel, message);
  decoder.decode(stream_abort(1, 2), message);
  EXPECT_EQ(encode(message), stream_abort(1, 2));
}

TEST(Decoder, ReusesTheMemoryOfTuples) {
  Decoder decoder;
  Message message;
  const std::string change = insert(1, Tuple(16, text("value")));
  decoder.decode(change, message);
  const Field* memory = std::get<Insert>(message).row.data();
  decoder.decode(change, message);
  EXPECT_EQ(std::get<Insert>(message).row.data(), memory);
  decoder.decode(commit(1, 2), message);
  decoder.decode(begin(3, 4), message);
  decoder.decode(update(1, Tuple(16, null())), message);
  EXPECT_EQ(std::get<Update>(message).row.data(), memory);
}

}  // namespace
}  // namespace millrace::pgoutput
