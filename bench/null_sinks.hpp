#pragma once

#include <map>
#include <memory>

#include "measure.hpp"
#include "replication/batch_sink.hpp"
#include "replication/stage_rows.hpp"

namespace millrace::bench {

/// Ends of the stream that send nothing. The time is taken after each batch that had changes.
class NullSink : public replication::BatchSink {
 public:
  void apply(const replication::Batch& batch) final;
  /// Starts the clock.
  void start() { watch_ = Stopwatch(); }
  /// Up to the last change. Called when the stream has ended.
  const Measured& measured() const { return measured_; }

 protected:
  virtual void take(const replication::Batch& batch) = 0;

 private:
  Stopwatch watch_;
  Measured measured_;
};

/// Counts changes.
class CountSink final : public NullSink {
 protected:
  void take(const replication::Batch&) override {}
};

/// Makes the stage row of every net change, which is all that the SQL Server sink does before it sends.
class EncodeSink final : public NullSink {
 protected:
  void take(const replication::Batch& batch) override;

 private:
  replication::StageRows& rows_of(const replication::Table& table);
  void take_ordered(const replication::Segment& segment, const replication::Batch& batch);

  std::map<const replication::TableBinding*, std::unique_ptr<replication::StageRows>> rows_;
  replication::NetChange change_;
};

}  // namespace millrace::bench
