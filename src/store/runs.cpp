#include "store/runs.hpp"

#include <algorithm>

#include "support/unix_time.hpp"

namespace millrace::store {

void Runs::begin(const std::string& pipeline, const std::string& process) {
  database_.write([&](Session& session) {
    // The SELECT makes it nothing for a pipeline that is gone.
    const auto now = unix_ms();
    session.execute("DELETE FROM runs WHERE tenant = ? AND pipeline = ?", {tenant_, pipeline});
    session.execute(
        "INSERT INTO runs (tenant, pipeline, process, started_ms, beat_ms, ended_ms, progress, error) "
        "SELECT tenant, name, ?, ?, ?, NULL, '', '' FROM pipelines WHERE tenant = ? AND name = ?",
        {process, now, now, tenant_, pipeline});
  });
}

void Runs::beat(const std::string& pipeline, const std::string& process, const std::string& progress) {
  database_.write([&](Session& session) {
    session.execute("UPDATE runs SET beat_ms = ?, progress = ? WHERE tenant = ? AND pipeline = ? AND process = ?",
                    {unix_ms(), progress, tenant_, pipeline, process});
  });
}

void Runs::beat_all(Database& database, const std::vector<Beat>& beats) {
  // Always as many marks, so that one statement serves: what is left over repeats the last name.
  constexpr std::size_t kAtOnce = 100;
  static const std::string kAlive = [] {
    std::string sql = "UPDATE runs SET beat_ms = ? WHERE tenant = ? AND process = ? AND pipeline IN (?";
    for (std::size_t i = 1; i < kAtOnce; ++i) sql += ", ?";
    return sql + ")";
  }();
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> quiet;  // pipelines by tenant and process
  for (const auto& beat : beats) {
    if (!beat.progress) quiet[{beat.tenant, beat.process}].push_back(beat.pipeline);
  }
  database.write([&](Session& session) {
    const auto now = unix_ms();
    for (const auto& beat : beats) {
      if (!beat.progress) continue;
      session.execute("UPDATE runs SET beat_ms = ?, progress = ? WHERE tenant = ? AND pipeline = ? AND process = ?",
                      {now, *beat.progress, beat.tenant, beat.pipeline, beat.process});
    }
    for (const auto& [whose, pipelines] : quiet) {
      for (std::size_t first = 0; first < pipelines.size(); first += kAtOnce) {
        std::vector<Value> parameters{now, whose.first, whose.second};
        for (std::size_t i = 0; i < kAtOnce; ++i) {
          parameters.emplace_back(pipelines[std::min(first + i, pipelines.size() - 1)]);
        }
        session.execute(kAlive, parameters);
      }
    }
  });
}

void Runs::end(const std::string& pipeline, const std::string& process, const std::string& error) {
  database_.write([&](Session& session) {
    session.execute("UPDATE runs SET ended_ms = ?, error = ? WHERE tenant = ? AND pipeline = ? AND process = ?",
                    {unix_ms(), error, tenant_, pipeline, process});
  });
}

void Runs::clear_error(const std::string& pipeline) {
  database_.write([&](Session& session) {
    session.execute("UPDATE runs SET error = '' WHERE tenant = ? AND pipeline = ?", {tenant_, pipeline});
  });
}

std::optional<RunRecord> Runs::find(const std::string& pipeline) {
  auto found = between(pipeline, pipeline);
  if (found.empty()) return std::nullopt;
  return std::move(found.begin()->second);
}

std::map<std::string, RunRecord> Runs::between(const std::string& first, const std::string& last) {
  return database_.read([&](Session& session) {
    std::map<std::string, RunRecord> runs;
    for (const auto& row : session.query(
             "SELECT pipeline, process, started_ms, beat_ms, ended_ms, progress, error FROM runs WHERE tenant = ? AND "
             "pipeline >= ? AND pipeline <= ?",
             {tenant_, first, last})) {
      runs[row.text(0)] = {.process = row.text(1),
                           .started_ms = row.integer(2),
                           .beat_ms = row.integer(3),
                           .ended_ms = row.optional_integer(4),
                           .progress = row.text(5),
                           .error = row.text(6)};
    }
    return runs;
  });
}

}  // namespace millrace::store
