#include "store/runs.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <chrono>

#include "support/error.hpp"

namespace millrace::store {
namespace {

std::int64_t now_ms() {
  using std::chrono::duration_cast;
  return duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

template <typename Work>
auto guarded(Work&& work) {
  try {
    return work();
  } catch (const SQLite::Exception& error) {
    throw Error(ErrorCode::kStore, "The store of pipelines refused a statement.").because(error.what());
  }
}

}  // namespace

void Runs::begin(const std::string& pipeline, const std::string& process) {
  guarded([&] {
    // The SELECT makes it nothing for a pipeline that is gone.
    SQLite::Statement put(
        database_.handle(),
        "INSERT OR REPLACE INTO runs SELECT name, ?, ?, ?, NULL, '', '' FROM pipelines WHERE name = ?");
    put.bind(1, process);
    put.bind(2, now_ms());
    put.bind(3, now_ms());
    put.bind(4, pipeline);
    return put.exec();
  });
}

void Runs::beat(const std::string& pipeline, const std::string& process, const std::string& progress) {
  guarded([&] {
    SQLite::Statement update(database_.handle(),
                             "UPDATE runs SET beat_ms = ?, progress = ? WHERE pipeline = ? AND process = ?");
    update.bind(1, now_ms());
    update.bind(2, progress);
    update.bind(3, pipeline);
    update.bind(4, process);
    return update.exec();
  });
}

void Runs::end(const std::string& pipeline, const std::string& process, const std::string& error) {
  guarded([&] {
    SQLite::Statement update(database_.handle(),
                             "UPDATE runs SET ended_ms = ?, error = ? WHERE pipeline = ? AND process = ?");
    update.bind(1, now_ms());
    update.bind(2, error);
    update.bind(3, pipeline);
    update.bind(4, process);
    return update.exec();
  });
}

void Runs::clear_error(const std::string& pipeline) {
  guarded([&] {
    SQLite::Statement update(database_.handle(), "UPDATE runs SET error = '' WHERE pipeline = ?");
    update.bind(1, pipeline);
    return update.exec();
  });
}

std::optional<RunRecord> Runs::find(const std::string& pipeline) {
  return guarded([&]() -> std::optional<RunRecord> {
    SQLite::Statement row(
        database_.handle(),
        "SELECT process, started_ms, beat_ms, ended_ms, progress, error FROM runs WHERE pipeline = ?");
    row.bind(1, pipeline);
    if (!row.executeStep()) return std::nullopt;
    RunRecord record{.process = row.getColumn(0),
                     .started_ms = row.getColumn(1).getInt64(),
                     .beat_ms = row.getColumn(2).getInt64(),
                     .progress = row.getColumn(4),
                     .error = row.getColumn(5)};
    if (!row.getColumn(3).isNull()) record.ended_ms = row.getColumn(3).getInt64();
    return record;
  });
}

}  // namespace millrace::store
