#include "pgoutput/decoder.hpp"

#include <type_traits>

#include "pgoutput/wire_reader.hpp"

// Layouts: PostgreSQL 18 documentation, "Logical Replication Message Formats", and docs/formats/pgoutput.md.
namespace millrace::pgoutput {
namespace {

void no_flags(WireReader& in) {
  if (in.u8() != 0) in.fail("flags that are not known");
}

// Inside a streamed block a change names the subtransaction that made it; elsewhere the field is absent.
Xid stream_xid(WireReader& in, bool streaming) {
  if (!streaming) return {};
  const Xid xid = in.xid();
  if (xid.value == 0) in.fail("a streamed change has no transaction id");
  return xid;
}

void read_tuple(WireReader& in, Tuple& tuple) {
  const std::size_t columns = in.u16();
  // Each column takes a byte at least; so a false count cannot make the tuple large.
  if (columns > in.left()) in.fail("a tuple has more columns than bytes");
  tuple.resize(columns);
  for (Field& field : tuple) {
    const char kind = in.letter();
    switch (kind) {
      case 't':
        field = {FieldKind::kText, in.counted()};
        break;
      case 'b':
        field = {FieldKind::kBinary, in.counted()};
        break;
      case 'n':
        field = {FieldKind::kNull, {}};
        break;
      case 'u':
        field = {FieldKind::kUnchanged, {}};
        break;
      default:
        in.fail_letter("column kind", kind);
    }
  }
}

OldTuple old_kind(WireReader& in, char mark) {
  if (mark == 'K') return OldTuple::kKey;
  if (mark == 'O') return OldTuple::kFull;
  in.fail_letter("tuple mark", mark);
}

void new_tuple(WireReader& in, char mark, Tuple& row) {
  if (mark != 'N') in.fail_letter("tuple mark", mark);
  read_tuple(in, row);
}

void read(WireReader& in, bool streaming, Insert& insert) {
  insert.xid = stream_xid(in, streaming);
  insert.relation = in.oid();
  new_tuple(in, in.letter(), insert.row);
}

void read(WireReader& in, bool streaming, Update& update) {
  update.xid = stream_xid(in, streaming);
  update.relation = in.oid();
  char mark = in.letter();
  if (mark == 'N') {
    update.old_kind = OldTuple::kNone;
    update.old.clear();
  } else {
    update.old_kind = old_kind(in, mark);
    read_tuple(in, update.old);
    mark = in.letter();
  }
  new_tuple(in, mark, update.row);
}

void read(WireReader& in, bool streaming, Delete& removal) {
  removal.xid = stream_xid(in, streaming);
  removal.relation = in.oid();
  removal.old_kind = old_kind(in, in.letter());
  read_tuple(in, removal.old);
}

void read(WireReader& in, bool streaming, Truncate& truncate) {
  truncate.xid = stream_xid(in, streaming);
  const std::size_t relations = in.u32();
  const std::uint8_t options = in.u8();
  if (options > 3) in.fail("options of TRUNCATE that are not known");
  truncate.cascade = (options & 1U) != 0;
  truncate.restart_identity = (options & 2U) != 0;
  if (relations > in.left() / sizeof(std::uint32_t)) in.fail("TRUNCATE names more relations than bytes");
  truncate.relations.resize(relations);
  for (Oid& relation : truncate.relations) relation = in.oid();
}

void read(WireReader& in, bool streaming, Relation& relation) {
  relation.xid = stream_xid(in, streaming);
  relation.id = in.oid();
  relation.schema = in.string();
  relation.name = in.string();
  relation.replica_identity = in.letter();
  if (std::string_view("dnfi").find(relation.replica_identity) == std::string_view::npos) {
    in.fail_letter("replica identity", relation.replica_identity);
  }
  const std::size_t columns = in.u16();
  if (columns > in.left()) in.fail("a relation has more columns than bytes");
  relation.columns.resize(columns);
  for (RelationColumn& column : relation.columns) {
    const std::uint8_t flags = in.u8();
    if (flags > 1) in.fail("column flags that are not known");
    column.key = flags == 1;
    column.name = in.string();
    column.type = in.oid();
    column.modifier = static_cast<std::int32_t>(in.u32());
  }
}

void read(WireReader& in, bool streaming, Type& type) {
  type.xid = stream_xid(in, streaming);
  type.id = in.oid();
  type.schema = in.string();
  type.name = in.string();
}

void read(WireReader& in, bool streaming, LogicalMessage& message) {
  message.xid = stream_xid(in, streaming);
  const std::uint8_t flags = in.u8();
  if (flags > 1) in.fail("flags that are not known");
  message.transactional = flags == 1;
  message.lsn = in.lsn();
  message.prefix = in.string();
  message.content = in.counted();
}

void read(WireReader& in, bool /*streaming*/, Begin& begin) {
  begin.final_lsn = in.lsn();
  begin.commit_time = in.i64();
  begin.xid = in.xid();
}

void read(WireReader& in, bool /*streaming*/, Commit& commit) {
  no_flags(in);
  commit.commit_lsn = in.lsn();
  commit.end_lsn = in.lsn();
  commit.commit_time = in.i64();
}

void read(WireReader& in, bool /*streaming*/, Origin& origin) {
  origin.lsn = in.lsn();
  origin.name = in.string();
}

void read(WireReader& in, bool /*streaming*/, StreamStart& start) {
  start.xid = in.xid();
  if (start.xid.value == 0) in.fail("a streamed transaction has no id");
  const std::uint8_t first = in.u8();
  if (first > 1) in.fail("a first-segment mark that is neither 0 nor 1");
  start.first = first == 1;
}

void read(WireReader& /*in*/, bool /*streaming*/, StreamStop& /*stop*/) {}

void read(WireReader& in, bool /*streaming*/, StreamCommit& commit) {
  commit.xid = in.xid();
  no_flags(in);
  commit.commit_lsn = in.lsn();
  commit.end_lsn = in.lsn();
  commit.commit_time = in.i64();
}

void read(WireReader& in, bool /*streaming*/, StreamAbort& abort) {
  abort.xid = in.xid();
  abort.subxid = in.xid();
  abort.abort_lsn = Lsn();
  abort.abort_time = 0;
  // Sent only with streaming = parallel; nothing but the message's length tells.
  if (in.left() > 0) {
    abort.abort_lsn = in.lsn();
    abort.abort_time = in.i64();
  }
}

void read(WireReader& in, bool /*streaming*/, BeginPrepare& begin) {
  begin.prepare_lsn = in.lsn();
  begin.end_lsn = in.lsn();
  begin.prepare_time = in.i64();
  begin.xid = in.xid();
  begin.gid = in.string();
}

// Prepare and StreamPrepare.
template <typename Prepared>
void read_prepared(WireReader& in, Prepared& prepare) {
  no_flags(in);
  prepare.prepare_lsn = in.lsn();
  prepare.end_lsn = in.lsn();
  prepare.prepare_time = in.i64();
  prepare.xid = in.xid();
  prepare.gid = in.string();
}

void read(WireReader& in, bool /*streaming*/, Prepare& prepare) {
  read_prepared(in, prepare);
}

void read(WireReader& in, bool /*streaming*/, StreamPrepare& prepare) {
  read_prepared(in, prepare);
}

void read(WireReader& in, bool /*streaming*/, CommitPrepared& commit) {
  no_flags(in);
  commit.commit_lsn = in.lsn();
  commit.end_lsn = in.lsn();
  commit.commit_time = in.i64();
  commit.xid = in.xid();
  commit.gid = in.string();
}

void read(WireReader& in, bool /*streaming*/, RollbackPrepared& rollback) {
  no_flags(in);
  rollback.prepare_end_lsn = in.lsn();
  rollback.rollback_end_lsn = in.lsn();
  rollback.prepare_time = in.i64();
  rollback.rollback_time = in.i64();
  rollback.xid = in.xid();
  rollback.gid = in.string();
}

// Where in the stream a kind of message may stand.
enum class Place { kAnywhere, kInBlock, kOutsideBlocks };

template <typename Kind>
constexpr Place kPlace = Place::kOutsideBlocks;
template <>
constexpr Place kPlace<StreamStop> = Place::kInBlock;
template <>
constexpr Place kPlace<Insert> = Place::kAnywhere;
template <>
constexpr Place kPlace<Update> = Place::kAnywhere;
template <>
constexpr Place kPlace<Delete> = Place::kAnywhere;
template <>
constexpr Place kPlace<Truncate> = Place::kAnywhere;
template <>
constexpr Place kPlace<Relation> = Place::kAnywhere;
template <>
constexpr Place kPlace<Type> = Place::kAnywhere;
template <>
constexpr Place kPlace<LogicalMessage> = Place::kAnywhere;
template <>
constexpr Place kPlace<Origin> = Place::kAnywhere;

}  // namespace

// Keeps the memory of the tuples that `message` holds now, for the next message that has tuples.
void Decoder::keep_tuples(Message& message) {
  if (auto* insert = std::get_if<Insert>(&message)) {
    spare_row_.swap(insert->row);
  } else if (auto* update = std::get_if<Update>(&message)) {
    spare_row_.swap(update->row);
    spare_old_.swap(update->old);
  } else if (auto* removal = std::get_if<Delete>(&message)) {
    spare_old_.swap(removal->old);
  }
}

template <typename Kind>
Kind& Decoder::hold(Message& message) {
  if (auto* held = std::get_if<Kind>(&message)) return *held;
  keep_tuples(message);
  Kind& held = message.emplace<Kind>();
  if constexpr (std::is_same_v<Kind, Insert> || std::is_same_v<Kind, Update>) held.row.swap(spare_row_);
  if constexpr (std::is_same_v<Kind, Delete> || std::is_same_v<Kind, Update>) held.old.swap(spare_old_);
  return held;
}

template <typename Kind>
void Decoder::decode_as(std::string_view name, std::string_view bytes, Message& message) {
  WireReader in(bytes, name);
  in.letter();  // the type, by which `Kind` was chosen
  if (kPlace<Kind> == Place::kInBlock && !streaming_) in.fail("no streamed block is open");
  if (kPlace<Kind> == Place::kOutsideBlocks && streaming_) in.fail("a streamed block is still open");
  read(in, streaming_, hold<Kind>(message));
  in.end();
  if constexpr (std::is_same_v<Kind, StreamStart>) streaming_ = true;
  if constexpr (std::is_same_v<Kind, StreamStop>) streaming_ = false;
}

void Decoder::decode(std::string_view bytes, Message& message) {
  const char type = bytes.empty() ? '\0' : bytes.front();
  switch (type) {
    case 'I':
      return decode_as<Insert>("Insert", bytes, message);
    case 'U':
      return decode_as<Update>("Update", bytes, message);
    case 'D':
      return decode_as<Delete>("Delete", bytes, message);
    case 'B':
      return decode_as<Begin>("Begin", bytes, message);
    case 'C':
      return decode_as<Commit>("Commit", bytes, message);
    case 'R':
      return decode_as<Relation>("Relation", bytes, message);
    case 'Y':
      return decode_as<Type>("Type", bytes, message);
    case 'O':
      return decode_as<Origin>("Origin", bytes, message);
    case 'M':
      return decode_as<LogicalMessage>("Message", bytes, message);
    case 'T':
      return decode_as<Truncate>("Truncate", bytes, message);
    case 'S':
      return decode_as<StreamStart>("Stream Start", bytes, message);
    case 'E':
      return decode_as<StreamStop>("Stream Stop", bytes, message);
    case 'c':
      return decode_as<StreamCommit>("Stream Commit", bytes, message);
    case 'A':
      return decode_as<StreamAbort>("Stream Abort", bytes, message);
    case 'b':
      return decode_as<BeginPrepare>("Begin Prepare", bytes, message);
    case 'P':
      return decode_as<Prepare>("Prepare", bytes, message);
    case 'K':
      return decode_as<CommitPrepared>("Commit Prepared", bytes, message);
    case 'r':
      return decode_as<RollbackPrepared>("Rollback Prepared", bytes, message);
    case 'p':
      return decode_as<StreamPrepare>("Stream Prepare", bytes, message);
    default: {
      const WireReader in(bytes, "Replication message");
      if (bytes.empty()) in.fail("an empty message");
      in.fail_letter("type", type);
    }
  }
}

}  // namespace millrace::pgoutput
