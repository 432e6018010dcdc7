#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "replication/runner.hpp"
#include "schema/type_mapping.hpp"
#include "support/endpoint.hpp"

namespace millrace::replication {

/// The load of a pipeline whose changes Kafka Connect streams: values have the form that its connectors give them.
struct StandaloneLoad {
  std::string pipeline;
  SourceEndpoint source;
  TargetEndpoint target;
  std::string slot;                       ///< the pipeline's own: watched meanwhile, and the temporary one's namesake
  std::vector<schema::TablePlan> tables;  ///< their target tables exist
  LoadPolicy policy = LoadPolicy::kFail;
  int workers = 4;
};

/// What a load tells. Called from its threads, one call at a time; must not throw.
struct LoadWatch {
  /// For people: a line now and then. May be empty.
  std::function<void(const std::string& line)> say;
  /// Before the first row is written into this table: from now on it holds rows of the load.
  std::function<void(const schema::TableName& target, bool referenced)> filling;
};

/// Copies the tables into the target, each under a snapshot that is taken here, and returns when all rows are there.
/// Call it after the pipeline's slot was made: what commits between slot and snapshot is in the copy and comes again
/// through the stream. Changes by key make the copy converge: each row that they touch is written as the last of them
/// leaves it, a row that was deleted is deleted again, and one that TRUNCATE took is not in the copy.
/// Lost connections and tables that were rewritten behind the snapshot are tried again, finished tables excepted; the
/// first row that the target refuses ends it with the row named. While it lasts it holds a lock on the target, so that
/// two loads of one pipeline's name never write into one table at a time.
/// Throws Error kTargetDrift for rows in a target table under policy fail, kTargetBusy when another load of this name
/// is under way, kPlanOutdated when a source table was altered since the plan, kValueUnrepresentable, kInterrupted, and
/// as sessions do.
void load_standalone(const StandaloneLoad& load, const LoadWatch& watch, const std::stop_token& stop);

}  // namespace millrace::replication
