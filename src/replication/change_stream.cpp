#include "replication/change_stream.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "pgoutput/long_fields.hpp"
#include "postgres/heartbeat.hpp"
#include "support/error.hpp"
#include "support/failpoint.hpp"
#include "support/spare_stack.hpp"

namespace millrace::replication {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPause{1000};
/// Of a stream that has had nothing to do for a while: what comes ends the wait, as whoever has something to tell does.
constexpr std::chrono::milliseconds kRest{60'000};
/// A sink that is done at once would else be handed each transaction by itself, which costs more than the transaction.
constexpr std::chrono::milliseconds kBetweenBatches{1};

}  // namespace

ChangeStream::ChangeStream(postgres::ReplicationConnection& connection, BatchBuilder& builder, BatchSink& sink,
                           SpillStore& spill, StreamCounters& counters, StreamSettings settings)
    : connection_(connection),
      builder_(builder),
      sink_(sink),
      spill_(spill),
      counters_(counters),
      settings_(settings),
      last_checkpoint_(steady_clock::now()),
      last_position_(builder.end_lsn()),
      last_change_(last_checkpoint_) {}

void ChangeStream::start_applying() {
  if (!applier_) applier_.emplace([this](const std::stop_token& stop) { apply_batches(stop); });
}

void ChangeStream::end_applying() {
  if (!applier_) return;
  applier_->request_stop();
  applier_->join();
  applier_.reset();
}

void ChangeStream::apply_batches(const std::stop_token& stop) {
  try {
    while (const auto batch = queue_.pop(stop)) {
      const auto begun = steady_clock::now();
      sink_.apply(*batch);
      counters_.apply_us += std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - begun).count();
      counters_.changes += batch->changes;
      counters_.activity.applied(*batch, pg_now_us());
      if (batch->commits) {
        ++counters_.batches;
        counters_.transactions += batch->transactions;
        counters_.applied_lsn = batch->end_lsn.value();
        if (batch->commit_time != 0) counters_.commit_time = batch->commit_time;
        if (on_applied) on_applied(*batch);
        connection_.confirm(batch->end_lsn);
        if (!batch->empty()) hit(Failpoint::kAfterConfirm);
      }
      queue_.done();
      if (batch->commits) counters_.oldest_pending = queue_.idle() ? 0 : batch->commit_time;
      connection_.wake();
    }
  } catch (...) {
    failure_ = std::current_exception();
    queue_.close();
    connection_.wake();
  }
}

void ChangeStream::rethrow_failure() {
  if (queue_.closed() && failure_) std::rethrow_exception(failure_);
}

void ChangeStream::handle(const pgoutput::Message& message, HeldBytes raw) {
  using namespace pgoutput;
  if (const auto* begin = std::get_if<Begin>(&message)) {
    return this->begin(begin->final_lsn, begin->commit_time);
  }
  if (const auto* commit = std::get_if<Commit>(&message)) return this->commit(commit->end_lsn, commit->commit_time);
  if (const auto* start = std::get_if<StreamStart>(&message)) {
    streamed_ = start->xid;
    if (start->first) spill_.remove(start->xid);
    return;
  }
  if (std::holds_alternative<StreamStop>(message)) {
    streamed_.reset();
    return;
  }
  if (const auto* commit = std::get_if<StreamCommit>(&message)) {
    return replay(commit->xid, commit->commit_lsn, commit->end_lsn, commit->commit_time);
  }
  if (const auto* told = std::get_if<LogicalMessage>(&message);
      told != nullptr && told->prefix == postgres::kWaitedForPrefix) {
    last_change_ = steady_clock::now();
  }
  if (const auto* abort = std::get_if<StreamAbort>(&message)) return spill_.abort(abort->xid, abort->subxid);
  if (streamed_) {
    const auto sub = std::visit(
        [&](const auto& kind) {
          if constexpr (requires { kind.xid; }) {
            return kind.xid;
          } else {
            return *streamed_;
          }
        },
        message);
    spill_.append(*streamed_, sub, raw);
    counters_.spilled_bytes += raw.view.size();
    return;
  }
  change(message, raw, false);
}

void ChangeStream::begin(Lsn commit_lsn, std::int64_t commit_time) {
  transaction_time_ = commit_time;
  builder_.begin(commit_lsn, commit_time);
  if (diversion != nullptr) diversion->begin(commit_lsn, commit_time);
}

void ChangeStream::change(const pgoutput::Message& message, HeldBytes raw, bool streamed) {
  if (diversion == nullptr || !diversion->take(message, raw, streamed)) builder_.change(message);
  // Only what is to be applied makes the target lag: not heartbeats, nor other tables' transactions.
  if (counters_.oldest_pending.load(std::memory_order_relaxed) != 0 || builder_.batch().empty()) return;
  std::int64_t none = 0;
  counters_.oldest_pending.compare_exchange_strong(none, transaction_time_);
}

void ChangeStream::commit(Lsn end_lsn, std::int64_t commit_time) {
  builder_.commit(end_lsn, commit_time);
  if (diversion != nullptr) diversion->commit(end_lsn, commit_time);
}

/// Everything that was read goes first.
void ChangeStream::hand_over() {
  give(true);
  ready_ = builder_.take();
  give(true);
  diversion->hand_over(builder_, [this](std::unique_ptr<Batch> batch) {
    ready_ = std::move(batch);
    give(true);
  });
}

void ChangeStream::replay(Xid xid, Lsn commit_lsn, Lsn end_lsn, std::int64_t commit_time) {
  pgoutput::Decoder decoder;
  pgoutput::Message message;
  decoder.begin_block();
  begin(commit_lsn, commit_time);
  spill_.replay(xid, [&](HeldBytes raw) {
    decoder.decode(raw.view, message);
    pgoutput::mark_long_fields(message, raw.mapped);
    change(message, raw, true);
    if (builder_.bytes() > settings_.batch_bytes) {
      ready_ = builder_.take();
      give_all();
    }
  });
  commit(end_lsn, commit_time);
  spill_.remove(xid);
}

/// Hands on what is ready. `may_wait`: stays until there is room, answering keepalives.
void ChangeStream::give(bool may_wait) {
  if (ready_) start_applying();
  while (ready_ && !queue_.push(ready_, may_wait ? kPause : std::chrono::milliseconds(0))) {
    rethrow_failure();
    if (!may_wait) return;
    connection_.send_status();
  }
}

void ChangeStream::give_all() {
  give(true);
}

void ChangeStream::receive(const postgres::StreamItem& item) {
  if (item.kind == postgres::StreamItem::Kind::kKeepalive) {
    counters_.received_lsn = std::max(counters_.received_lsn.load(), item.server_end.value());
    // The server has sent everything that committed before this; what is streamed has not committed.
    if (builder_.in_transaction()) return;
    builder_.advance(item.server_end);
    return note_passed();
  }
  counters_.received_lsn = std::max(counters_.received_lsn.load(), item.start.value());
  decoder_.decode(item.payload.view, message_);
  pgoutput::mark_long_fields(message_, item.payload.mapped);
  handle(message_, item.payload);
}

/// How long the next batch has to wait behind the one before.
std::chrono::milliseconds ChangeStream::rest() const {
  const auto left = last_checkpoint_ + kBetweenBatches - steady_clock::now();
  return std::max(std::chrono::milliseconds(0), std::chrono::ceil<std::chrono::milliseconds>(left));
}

/// Nothing was to be applied for a while, nor did anybody wait for a position.
bool ChangeStream::rests() const {
  return !settings_.until && diversion == nullptr && steady_clock::now() - last_change_ > settings_.rest_after;
}

void ChangeStream::note_passed() {
  if (diversion != nullptr || ready_ || !builder_.batch().empty() || !queue_.idle()) return;
  counters_.passed_lsn = builder_.end_lsn().value();
}

std::chrono::milliseconds ChangeStream::between_signs() const {
  if (!rests()) return settings_.sign_of_life;
  const auto moved = builder_.end_lsn().value() - last_position_.value();
  if (moved >= settings_.bytes_at_rest) return settings_.sign_of_life;
  return moved > 0 ? settings_.moved_at_rest : settings_.sign_at_rest;
}

/// How long to wait for something to come.
std::chrono::milliseconds ChangeStream::patience() const {
  if (!rests()) return kPause;
  const auto left = last_checkpoint_ + between_signs() - steady_clock::now();
  return std::clamp(std::chrono::ceil<std::chrono::milliseconds>(left), kPause, kRest);
}

bool ChangeStream::reached() const {
  const bool held = diversion != nullptr && diversion->holds();
  return settings_.until && !held && counters_.applied_lsn.load() >= settings_.until->value() && queue_.idle();
}

void ChangeStream::run(const std::stop_token& stop) {
  const auto end = [&] {
    queue_.close();
    end_applying();
  };
  try {
    while (!stop.stop_requested() && !reached()) {
      rethrow_failure();
      const bool boundary = !builder_.in_transaction();
      if (boundary && diversion != nullptr && diversion->ready()) hand_over();
      const bool waiting = ready_ != nullptr || (boundary && !builder_.batch().empty());
      // With changes in hand hardly anything is waited for: they go on as soon as no more are there at once.
      const auto item = connection_.next(waiting && queue_.idle() ? rest() : patience(), stop);
      if (item) receive(*item);
      const bool large = builder_.bytes() > settings_.batch_bytes || builder_.batch().changes > settings_.batch_changes;
      if (large) {
        last_change_ = steady_clock::now();
        give(true);
        ready_ = builder_.take();
        give(false);
        continue;
      }
      // On a source that never falls silent, of what is not for this pipeline, its position moves all the same.
      if (item && (waiting || steady_clock::now() - last_checkpoint_ < settings_.sign_of_life)) continue;
      give(false);
      if (builder_.in_transaction()) continue;
      if (on_pause) on_pause();
      if (ready_ || !queue_.idle()) continue;
      const auto now = steady_clock::now();
      const bool position_only = builder_.batch().empty();
      if (!position_only) last_change_ = now;
      note_passed();
      if (applier_ && rests()) {
        end_applying();
        give_back_spare_stack();
      }
      const bool due = (!rests() && now - last_checkpoint_ >= settings_.idle_checkpoint) ||
                       (settings_.until && builder_.end_lsn() >= *settings_.until);
      const bool silent = now - last_checkpoint_ >= between_signs();
      if (position_only && !silent && !(builder_.pending() && due)) continue;
      if (!position_only && rest() > std::chrono::milliseconds(0)) continue;
      last_checkpoint_ = now;
      last_position_ = builder_.end_lsn();
      ready_ = builder_.take();
      give(false);
    }
    if (!builder_.in_transaction() && builder_.pending()) {
      give(true);
      ready_ = builder_.take();
    }
    // A piece of a transaction that did not end is given up: the target's transaction rolls back.
    if (ready_ && ready_->commits) give(true);
    while (!queue_.wait_idle(kPause)) {
      rethrow_failure();
      if (queue_.closed()) break;
      connection_.send_status();
    }
  } catch (const Error& error) {
    end();
    // On stop the connection tells that it was interrupted; what had been read is applied at the next start.
    if (error.code() == ErrorCode::kInterrupted && stop.stop_requested()) return;
    throw;
  } catch (...) {
    end();
    throw;
  }
  end();
  if (failure_) std::rethrow_exception(failure_);
  connection_.send_status();
}

}  // namespace millrace::replication
