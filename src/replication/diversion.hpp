#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "pgoutput/messages.hpp"
#include "replication/batch_builder.hpp"
#include "support/ids.hpp"
#include "support/mapped_bytes.hpp"

namespace millrace::replication {

/// Changes that the stream holds back for a while, since their tables are still being loaded. Called by the reading
/// thread, for committed transactions in commit order.
class Diversion {
 public:
  virtual ~Diversion() = default;
  virtual void begin(Lsn commit_lsn, std::int64_t commit_time) = 0;
  /// True: the message was taken, and is nothing to the stream's own builder. `streamed`: it was sent inside a streamed
  /// block, in the form that has transaction ids.
  virtual bool take(const pgoutput::Message& message, HeldBytes raw, bool streamed) = 0;
  virtual void commit(Lsn end_lsn, std::int64_t commit_time) = 0;

  /// Something is held back, or its table still loads.
  virtual bool holds() const = 0;
  /// Something may go on. Throws what ended a load. Asked between transactions.
  virtual bool ready() = 0;
  using Give = std::function<void(std::unique_ptr<Batch>)>;
  /// Gives what was held back and is ready, as batches to be applied before anything that follows. `builder` has no
  /// transaction open and nothing in hand, and takes the tables from here on.
  virtual void hand_over(BatchBuilder& builder, const Give& give) = 0;
};

}  // namespace millrace::replication
