#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "pgoutput/messages.hpp"

/// Bytes of replication messages for tests, as PostgreSQL's pgoutput writes them (docs/formats/pgoutput.md). encode()
/// takes the structs that the decoder gives; the small functions below it spare their writing out:
///
///   relation(16385, "public", "t", {key_column("id", 23), column("name", 25)})
///   insert(16385, {text("1"), null()})
///
/// A transaction id other than 0 in a change is written, and belongs into a streamed block.
namespace millrace::pgoutput::bytes {

/// Appends PostgreSQL's wire types.
class Writer {
 public:
  explicit Writer(char type) : bytes_(1, type) {}

  template <typename Int>
  Writer& number(Int value) {
    using Unsigned = std::make_unsigned_t<Int>;
    for (int shift = 8 * (static_cast<int>(sizeof(Int)) - 1); shift >= 0; shift -= 8) {
      bytes_.push_back(static_cast<char>(static_cast<Unsigned>(value) >> shift));
    }
    return *this;
  }
  Writer& byte(int value) { return number(static_cast<std::uint8_t>(value)); }
  Writer& lsn(Lsn value) { return number(value.value()); }
  Writer& xid(Xid value) { return number(value.value); }
  Writer& stream_xid(Xid value) { return value.value == 0 ? *this : xid(value); }
  Writer& oid(Oid value) { return number(value.value); }
  Writer& string(std::string_view value) {
    bytes_.append(value).push_back('\0');
    return *this;
  }
  Writer& counted(std::string_view value) {
    number(static_cast<std::uint32_t>(value.size()));
    bytes_.append(value);
    return *this;
  }
  Writer& tuple(const Tuple& fields) {
    number(static_cast<std::uint16_t>(fields.size()));
    for (const Field& field : fields) {
      byte("nutb"[static_cast<std::size_t>(field.kind)]);
      if (field.kind == FieldKind::kText || field.kind == FieldKind::kBinary) counted(field.value);
    }
    return *this;
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

inline std::string encode(const Begin& m) {
  return Writer('B').lsn(m.final_lsn).number(m.commit_time).xid(m.xid).take();
}
inline std::string encode(const Commit& m) {
  return Writer('C').byte(0).lsn(m.commit_lsn).lsn(m.end_lsn).number(m.commit_time).take();
}
inline std::string encode(const Origin& m) {
  return Writer('O').lsn(m.lsn).string(m.name).take();
}
inline std::string encode(const LogicalMessage& m) {
  return Writer('M')
      .stream_xid(m.xid)
      .byte(m.transactional ? 1 : 0)
      .lsn(m.lsn)
      .string(m.prefix)
      .counted(m.content)
      .take();
}
inline std::string encode(const Relation& m) {
  Writer out('R');
  out.stream_xid(m.xid).oid(m.id).string(m.schema).string(m.name).byte(m.replica_identity);
  out.number(static_cast<std::uint16_t>(m.columns.size()));
  for (const RelationColumn& each : m.columns) {
    out.byte(each.key ? 1 : 0).string(each.name).oid(each.type).number(each.modifier);
  }
  return out.take();
}
inline std::string encode(const Type& m) {
  return Writer('Y').stream_xid(m.xid).oid(m.id).string(m.schema).string(m.name).take();
}
inline std::string encode(const Insert& m) {
  return Writer('I').stream_xid(m.xid).oid(m.relation).byte('N').tuple(m.row).take();
}
inline std::string encode(const Update& m) {
  Writer out('U');
  out.stream_xid(m.xid).oid(m.relation);
  if (m.old_kind != OldTuple::kNone) out.byte(m.old_kind == OldTuple::kKey ? 'K' : 'O').tuple(m.old);
  return out.byte('N').tuple(m.row).take();
}
inline std::string encode(const Delete& m) {
  return Writer('D')
      .stream_xid(m.xid)
      .oid(m.relation)
      .byte(m.old_kind == OldTuple::kFull ? 'O' : 'K')
      .tuple(m.old)
      .take();
}
inline std::string encode(const Truncate& m) {
  Writer out('T');
  out.stream_xid(m.xid).number(static_cast<std::uint32_t>(m.relations.size()));
  out.byte((m.cascade ? 1 : 0) + (m.restart_identity ? 2 : 0));
  for (const Oid relation : m.relations) out.oid(relation);
  return out.take();
}
inline std::string encode(const StreamStart& m) {
  return Writer('S').xid(m.xid).byte(m.first ? 1 : 0).take();
}
inline std::string encode(const StreamStop& /*m*/) {
  return Writer('E').take();
}
inline std::string encode(const StreamCommit& m) {
  return Writer('c').xid(m.xid).byte(0).lsn(m.commit_lsn).lsn(m.end_lsn).number(m.commit_time).take();
}
/// With its position and time, as streaming = parallel sends it, when there are any.
inline std::string encode(const StreamAbort& m) {
  Writer out('A');
  out.xid(m.xid).xid(m.subxid);
  if (m.abort_lsn != Lsn() || m.abort_time != 0) out.lsn(m.abort_lsn).number(m.abort_time);
  return out.take();
}
inline std::string encode(const BeginPrepare& m) {
  return Writer('b').lsn(m.prepare_lsn).lsn(m.end_lsn).number(m.prepare_time).xid(m.xid).string(m.gid).take();
}
inline std::string encode(const Prepare& m) {
  return Writer('P').byte(0).lsn(m.prepare_lsn).lsn(m.end_lsn).number(m.prepare_time).xid(m.xid).string(m.gid).take();
}
inline std::string encode(const CommitPrepared& m) {
  return Writer('K').byte(0).lsn(m.commit_lsn).lsn(m.end_lsn).number(m.commit_time).xid(m.xid).string(m.gid).take();
}
inline std::string encode(const RollbackPrepared& m) {
  Writer out('r');
  out.byte(0).lsn(m.prepare_end_lsn).lsn(m.rollback_end_lsn).number(m.prepare_time).number(m.rollback_time);
  return out.xid(m.xid).string(m.gid).take();
}
inline std::string encode(const StreamPrepare& m) {
  return Writer('p').byte(0).lsn(m.prepare_lsn).lsn(m.end_lsn).number(m.prepare_time).xid(m.xid).string(m.gid).take();
}
inline std::string encode(const Message& message) {
  return std::visit([](const auto& each) { return encode(each); }, message);
}

inline Field null() {
  return {};
}
inline Field unchanged() {
  return {FieldKind::kUnchanged, {}};
}
inline Field text(std::string_view value) {
  return {FieldKind::kText, value};
}
inline Field binary(std::string_view value) {
  return {FieldKind::kBinary, value};
}

inline std::string begin(std::uint64_t final_lsn, std::uint32_t xid, PgTime time = 0) {
  return encode(Begin{Lsn(final_lsn), time, Xid{xid}});
}
inline std::string commit(std::uint64_t commit_lsn, std::uint64_t end_lsn, PgTime time = 0) {
  return encode(Commit{Lsn(commit_lsn), Lsn(end_lsn), time});
}
inline RelationColumn column(std::string_view name, std::uint32_t type, std::int32_t modifier = -1) {
  return {false, name, Oid{type}, modifier};
}
inline RelationColumn key_column(std::string_view name, std::uint32_t type, std::int32_t modifier = -1) {
  return {true, name, Oid{type}, modifier};
}
inline std::string relation(std::uint32_t id, std::string_view schema, std::string_view name,
                            std::vector<RelationColumn> columns, char identity = 'd', std::uint32_t xid = 0) {
  return encode(Relation{Xid{xid}, Oid{id}, schema, name, identity, std::move(columns)});
}
inline std::string insert(std::uint32_t relation, Tuple row, std::uint32_t xid = 0) {
  return encode(Insert{Xid{xid}, Oid{relation}, std::move(row)});
}
/// An UPDATE that leaves the replica identity as it was.
inline std::string update(std::uint32_t relation, Tuple row, std::uint32_t xid = 0) {
  return encode(Update{Xid{xid}, Oid{relation}, OldTuple::kNone, {}, std::move(row)});
}
inline std::string update(std::uint32_t relation, OldTuple kind, Tuple old, Tuple row, std::uint32_t xid = 0) {
  return encode(Update{Xid{xid}, Oid{relation}, kind, std::move(old), std::move(row)});
}
inline std::string remove(std::uint32_t relation, OldTuple kind, Tuple old, std::uint32_t xid = 0) {
  return encode(Delete{Xid{xid}, Oid{relation}, kind, std::move(old)});
}
inline std::string truncate(const std::vector<std::uint32_t>& relations, std::uint32_t xid = 0) {
  Truncate message{.xid = Xid{xid}};
  for (const std::uint32_t id : relations) message.relations.push_back(Oid{id});
  return encode(message);
}
inline std::string logical_message(std::string_view prefix, std::string_view content, std::uint64_t lsn = 0,
                                   bool transactional = true, std::uint32_t xid = 0) {
  return encode(LogicalMessage{transactional, Xid{xid}, Lsn(lsn), prefix, content});
}
inline std::string stream_start(std::uint32_t xid, bool first) {
  return encode(StreamStart{Xid{xid}, first});
}
inline std::string stream_stop() {
  return encode(StreamStop{});
}
inline std::string stream_commit(std::uint32_t xid, std::uint64_t commit_lsn, std::uint64_t end_lsn, PgTime time = 0) {
  return encode(StreamCommit{Xid{xid}, Lsn(commit_lsn), Lsn(end_lsn), time});
}
inline std::string stream_abort(std::uint32_t xid, std::uint32_t subxid) {
  return encode(StreamAbort{Xid{xid}, Xid{subxid}});
}

}  // namespace millrace::pgoutput::bytes
