#include "store/runs.hpp"

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
  return database_.read([&](Session& session) -> std::optional<RunRecord> {
    const auto rows = session.query(
        "SELECT process, started_ms, beat_ms, ended_ms, progress, error FROM runs WHERE tenant = ? AND pipeline = ?",
        {tenant_, pipeline});
    if (rows.empty()) return std::nullopt;
    const auto& row = rows.front();
    return RunRecord{.process = row.text(0),
                     .started_ms = row.integer(1),
                     .beat_ms = row.integer(2),
                     .ended_ms = row.optional_integer(3),
                     .progress = row.text(4),
                     .error = row.text(5)};
  });
}

}  // namespace millrace::store
