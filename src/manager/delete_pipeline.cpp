#include "manager/delete_pipeline.hpp"

#include <functional>
#include <iterator>
#include <utility>
#include <vector>

#include "manager/plan_pipeline.hpp"
#include "postgres/publication.hpp"
#include "postgres/slot.hpp"
#include "schema/target_ddl.hpp"
#include "sqlserver/catalog.hpp"
#include "sqlserver/session.hpp"
#include "sqlserver/table_in_use.hpp"
#include "support/error.hpp"
#include "support/failpoint.hpp"

namespace millrace::manager {
namespace {

class Deletion {
 public:
  Deletion(const StoredPipeline& stored, const DeleteOptions& options, const pipeline::Progress& progress)
      : stored_(stored), options_(options), progress_(progress), plan_(stored_plan(stored)) {}

  void run(pipeline::Engine& engine, const std::stop_token& stop) {
    attempt("what the engine made", [&] {
      engine.drop(
          plan_, options_.drop_topics, [&](const std::string& line) { removed(line); }, stop);
    });
    hit(Failpoint::kDeleteEngine);
    check_stop(stop);
    // The slot goes after its reader: a slot in use cannot be dropped.
    if (stored_.resources.slot) attempt("slot " + plan_.names.slot, [&] { drop_slot(); });
    hit(Failpoint::kDeleteSlot);
    if (stored_.resources.publication) attempt("publication " + plan_.names.publication, [&] { drop_publication(); });
    for (const auto& before : stored_.resources.replica_identity) {
      const auto what = "REPLICA IDENTITY FULL of " + schema::quote_pg(before.table);
      attempt(what, [&] {
        restore_replica_identity(stored_.spec.source, before);
        removed(what);
      });
    }
    target_tables(stop);
    name_what_stays();
  }

  DeleteResult result;
  std::vector<std::string> failures;

 private:
  void removed(const std::string& what) {
    result.removed.push_back(what);
    if (progress_) progress_("removed " + what);
  }

  void attempt(const std::string& what, const std::function<void()>& remove) {
    try {
      remove();
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kInterrupted) throw;
      failures.push_back(what + ": " + error.message());
    }
  }

  void drop_slot() {
    postgres::Connection source(stored_.spec.source);
    const bool was_there = postgres::drop_slot(source, plan_.names.slot);
    // Said from the catalog, not from the statement's success: a slot that stays fills the source's disk.
    if (postgres::find_slot(source, plan_.names.slot)) {
      throw Error(ErrorCode::kSlotInUse, "The slot " + plan_.names.slot + " is still there.");
    }
    removed("slot " + plan_.names.slot + (was_there ? "" : " (was gone already)"));
  }

  void drop_publication() {
    postgres::Connection source(stored_.spec.source);
    if (postgres::drop_publication(source, plan_.names.publication)) {
      removed("publication " + plan_.names.publication);
    }
  }

  void target_tables(const std::stop_token& stop) {
    auto left = stored_.resources.target_tables;
    if (!options_.drop_tables) {
      for (const auto& name : left) {
        result.kept.push_back("table " + schema::quote_mssql(name) +
                              ": target tables stay unless --drop-tables is given");
      }
      return;
    }
    // A foreign key that somebody added keeps the table that it points at until its own table is gone.
    std::size_t before = 0;
    std::vector<std::string> refused;
    do {
      before = left.size();
      refused.clear();
      std::erase_if(left, [&](const schema::TableName& name) {
        check_stop(stop);
        const auto failed = failures.size();
        attempt("table " + schema::quote_mssql(name), [&] { drop_table(name); });
        if (failures.size() == failed) return true;
        refused.push_back(std::move(failures.back()));
        failures.pop_back();
        return false;
      });
    } while (!left.empty() && left.size() < before);
    std::move(refused.begin(), refused.end(), std::back_inserter(failures));
  }

  void drop_table(const schema::TableName& name) {
    sqlserver::Session target(stored_.spec.target);
    if (!sqlserver::read_table(target, name)) return;
    sqlserver::drop_table_from_run(target, name);
    removed("table " + schema::quote_mssql(name));
  }

  void name_what_stays() {
    if (!stored_.resources.slot && !stored_.resources.routes.empty()) {
      result.kept.push_back("slot " + plan_.names.slot + ": it was there before the pipeline");
    }
    if (!stored_.resources.publication && !stored_.resources.routes.empty()) {
      result.kept.push_back("publication " + plan_.names.publication + ": it was there before the pipeline");
    }
    if (!options_.drop_topics && !plan_.topics.empty() && stored_.resources.connectors) {
      for (const auto& topic : plan_.topics)
        result.kept.push_back("topic " + topic + ": topics stay unless --drop-topics is given");
    }
  }

  const StoredPipeline& stored_;
  const DeleteOptions& options_;
  const pipeline::Progress& progress_;
  pipeline::PipelinePlan plan_;
};

}  // namespace

DeleteResult delete_pipeline(Registry& registry, pipeline::Engine& engine, const std::string& name,
                             const DeleteOptions& options, const pipeline::Progress& progress,
                             const std::stop_token& stop) {
  registry.load(name);  // one that is not there is told with the nearest names
  registry.change(name, [](std::string& state, Resources&) { state = "deleting"; });
  const StoredPipeline stored = registry.load(name);
  hit(Failpoint::kDeleteMarked);
  Deletion deletion(stored, options, progress);
  deletion.run(engine, stop);
  if (!deletion.failures.empty() && !options.force) {
    Error error(ErrorCode::kDeleteIncomplete, "Not everything of " + name + " could be removed.", {.pipeline = name});
    for (const auto& line : deletion.result.removed) error.note("removed " + line);
    for (const auto& line : deletion.failures) error.note("could not remove " + line);
    throw error.suggest("Run `millrace delete " + name + "` again when the servers answer; --force forgets the rest.");
  }
  for (const auto& line : deletion.failures) deletion.result.kept.push_back(line);
  hit(Failpoint::kDeleteAll);
  registry.forget(name);
  return std::move(deletion.result);
}

}  // namespace millrace::manager
