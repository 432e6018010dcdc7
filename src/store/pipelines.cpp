#include "store/pipelines.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

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

PipelineRecord read_record(SQLite::Database& database, SQLite::Statement& row) {
  PipelineRecord record{row.getColumn(0).getString(),
                        row.getColumn(1).getString(),
                        row.getColumn(2).getString(),
                        row.getColumn(3).getString(),
                        {},
                        row.getColumn(4).getInt64(),
                        row.getColumn(5).getInt64(),
                        row.getColumn(6).getInt64()};
  SQLite::Statement secrets(database, "SELECT field, sealed FROM secrets WHERE pipeline = ?");
  secrets.bind(1, record.name);
  while (secrets.executeStep()) record.sealed_secrets[secrets.getColumn(0)] = secrets.getColumn(1).getString();
  return record;
}

void insert_secrets(SQLite::Database& database, const std::string& name,
                    const std::map<std::string, std::string>& sealed_secrets) {
  for (const auto& [field, sealed] : sealed_secrets) {
    SQLite::Statement secret(database, "INSERT INTO secrets VALUES (?, ?, ?)");
    secret.bind(1, name);
    secret.bind(2, field);
    secret.bind(3, sealed);
    secret.exec();
  }
}

constexpr auto kSelect = "SELECT name, state, spec, resources, created_ms, updated_ms, revision FROM pipelines";

}  // namespace

void Pipelines::insert(const PipelineRecord& record) {
  try {
    SQLite::Transaction transaction(database_.handle(), SQLite::TransactionBehavior::IMMEDIATE);
    SQLite::Statement insert(
        database_.handle(),
        "INSERT INTO pipelines (name, state, spec, resources, created_ms, updated_ms) VALUES (?, ?, ?, ?, ?, ?)");
    insert.bind(1, record.name);
    insert.bind(2, record.state);
    insert.bind(3, record.spec);
    insert.bind(4, record.resources);
    insert.bind(5, now_ms());
    insert.bind(6, now_ms());
    insert.exec();
    insert_secrets(database_.handle(), record.name, record.sealed_secrets);
    transaction.commit();
  } catch (const SQLite::Exception& error) {
    if (error.getExtendedErrorCode() == SQLITE_CONSTRAINT_PRIMARYKEY) {
      throw Error(ErrorCode::kPipelineExists, "A pipeline named " + record.name + " exists already.",
                  {.pipeline = record.name, .field = "name"});
    }
    throw Error(ErrorCode::kStore, "The store of pipelines refused a statement.").because(error.what());
  }
}

void Pipelines::update(const std::string& name, const std::string& state, const std::string& resources) {
  const int changed = guarded([&] {
    SQLite::Statement update(database_.handle(),
                             "UPDATE pipelines SET state = ?, resources = ?, updated_ms = ?, revision = revision + 1 "
                             "WHERE name = ?");
    update.bind(1, state);
    update.bind(2, resources);
    update.bind(3, now_ms());
    update.bind(4, name);
    return update.exec();
  });
  if (changed == 0) throw Error(ErrorCode::kPipelineNotFound, "There is no pipeline named " + name + ".");
}

void Pipelines::note_resources(const std::string& name, const std::string& resources) {
  const int changed = guarded([&] {
    SQLite::Statement update(database_.handle(), "UPDATE pipelines SET resources = ?, updated_ms = ? WHERE name = ?");
    update.bind(1, resources);
    update.bind(2, now_ms());
    update.bind(3, name);
    return update.exec();
  });
  if (changed == 0) throw Error(ErrorCode::kPipelineNotFound, "There is no pipeline named " + name + ".");
}

void Pipelines::update_spec(const std::string& name, const std::string& spec,
                            const std::map<std::string, std::string>& sealed_secrets) {
  const int changed = guarded([&] {
    SQLite::Transaction transaction(database_.handle(), SQLite::TransactionBehavior::IMMEDIATE);
    SQLite::Statement update(database_.handle(),
                             "UPDATE pipelines SET spec = ?, updated_ms = ?, revision = revision + 1 WHERE name = ?");
    update.bind(1, spec);
    update.bind(2, now_ms());
    update.bind(3, name);
    const int rows = update.exec();
    if (rows == 0) return rows;
    SQLite::Statement old(database_.handle(), "DELETE FROM secrets WHERE pipeline = ?");
    old.bind(1, name);
    old.exec();
    insert_secrets(database_.handle(), name, sealed_secrets);
    transaction.commit();
    return rows;
  });
  if (changed == 0) throw Error(ErrorCode::kPipelineNotFound, "There is no pipeline named " + name + ".");
}

void Pipelines::remove(const std::string& name) {
  guarded([&] {
    SQLite::Statement statement(database_.handle(), "DELETE FROM pipelines WHERE name = ?");
    statement.bind(1, name);
    return statement.exec();
  });
}

std::optional<PipelineRecord> Pipelines::find(const std::string& name) {
  return guarded([&]() -> std::optional<PipelineRecord> {
    SQLite::Statement row(database_.handle(), std::string(kSelect) + " WHERE name = ?");
    row.bind(1, name);
    if (!row.executeStep()) return std::nullopt;
    return read_record(database_.handle(), row);
  });
}

std::optional<std::int64_t> Pipelines::revision(const std::string& name) {
  return guarded([&]() -> std::optional<std::int64_t> {
    SQLite::Statement row(database_.handle(), "SELECT revision FROM pipelines WHERE name = ?");
    row.bind(1, name);
    if (!row.executeStep()) return std::nullopt;
    return row.getColumn(0).getInt64();
  });
}

std::vector<PipelineRecord> Pipelines::list() {
  return guarded([&] {
    std::vector<PipelineRecord> records;
    SQLite::Statement row(database_.handle(), std::string(kSelect) + " ORDER BY name");
    while (row.executeStep()) records.push_back(read_record(database_.handle(), row));
    return records;
  });
}

}  // namespace millrace::store
