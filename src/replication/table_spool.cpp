#include "replication/table_spool.hpp"

#include <array>
#include <cstring>
#include <string>

#include "pgoutput/decoder.hpp"
#include "pgoutput/long_fields.hpp"
#include "support/error.hpp"

namespace millrace::replication {
namespace {

// A record is one letter and its content; the file is read by the process that wrote it.
constexpr char kBegin = 'B';     // LSN and time, eight bytes each
constexpr char kCommit = 'C';    // same
constexpr char kPlain = 'P';     // a message
constexpr char kStreamed = 'S';  // a message in the form that has transaction ids
constexpr std::size_t kMarkSize = 17;

struct Mark {
  Lsn lsn;
  std::int64_t time = 0;
};

Mark parse_mark(std::string_view record) {
  if (record.size() != kMarkSize) throw Error(ErrorCode::kInternal, "A record of a spool file has another size.");
  std::uint64_t lsn = 0;
  Mark mark;
  std::memcpy(&lsn, record.data() + 1, sizeof(lsn));
  std::memcpy(&mark.time, record.data() + 1 + sizeof(lsn), sizeof(mark.time));
  mark.lsn = Lsn(lsn);
  return mark;
}

}  // namespace

void TableSpool::mark(char kind, Lsn lsn, std::int64_t time) {
  std::array<char, kMarkSize> record{kind};
  const std::uint64_t value = lsn.value();
  std::memcpy(record.data() + 1, &value, sizeof(value));
  std::memcpy(record.data() + 1 + sizeof(value), &time, sizeof(time));
  file_.append(Xid{}, {{record.data(), record.size()}});
}

void TableSpool::begin(Lsn commit_lsn, std::int64_t commit_time) {
  commit_lsn_ = commit_lsn;
  commit_time_ = commit_time;
  begun_ = false;
}

void TableSpool::add(HeldBytes raw, bool streamed) {
  if (!begun_) mark(kBegin, commit_lsn_, commit_time_);
  begun_ = true;
  const char kind = streamed ? kStreamed : kPlain;
  file_.append(Xid{}, raw, {&kind, 1});
}

void TableSpool::commit(Lsn end_lsn, std::int64_t commit_time) {
  if (begun_) mark(kCommit, end_lsn, commit_time);
  begun_ = false;
}

void TableSpool::replay(const Reader& reader) const {
  pgoutput::Decoder plain;
  pgoutput::Decoder streamed;
  pgoutput::Message message;
  streamed.begin_block();
  file_.replay([&](HeldBytes held) {
    const auto record = held.view;
    const auto change = [&](pgoutput::Decoder& decoder) {
      decoder.decode(record.substr(1), message);
      pgoutput::mark_long_fields(message, held.mapped);
      reader.change(message);
    };
    if (record.empty()) throw Error(ErrorCode::kInternal, "A record of a spool file is empty.");
    switch (record.front()) {
      case kBegin: {
        const auto mark = parse_mark(record);
        return reader.begin(mark.lsn, mark.time);
      }
      case kCommit: {
        const auto mark = parse_mark(record);
        return reader.commit(mark.lsn, mark.time);
      }
      case kPlain:
        return change(plain);
      case kStreamed:
        return change(streamed);
      default:
        throw Error(ErrorCode::kInternal, "A record of a spool file has an unknown kind.");
    }
  });
}

}  // namespace millrace::replication
