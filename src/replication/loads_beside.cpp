#include "replication/loads_beside.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "postgres/ddl_capture.hpp"
#include "support/error.hpp"

namespace millrace::replication {
namespace {

schema::TableName name_of(const pgoutput::Relation& relation) {
  return {relation.schema.empty() ? "pg_catalog" : std::string(relation.schema), std::string(relation.name)};
}

/// A TRUNCATE may name tables of both sides, of which a spool tells its own alone.
class OwnRelations {
 public:
  const pgoutput::Message& only(const pgoutput::Message& message) {
    if (const auto* relation = std::get_if<pgoutput::Relation>(&message)) ids_.insert(relation->id.value);
    const auto* emptied = std::get_if<pgoutput::Truncate>(&message);
    if (emptied == nullptr) return message;
    pgoutput::Truncate own = *emptied;
    std::erase_if(own.relations, [&](Oid id) { return !ids_.contains(id.value); });
    own_ = std::move(own);
    return own_;
  }

 private:
  std::set<std::uint32_t> ids_;
  pgoutput::Message own_;
};

}  // namespace

LoadsBeside::LoadsBeside(std::vector<Table> tables, RelationMap& main, Settings settings)
    : main_(main), settings_(std::move(settings)), budget_{.limit = SpillStore::kDefaultQuota} {
  for (auto& table : tables) {
    const auto source = table->source();
    tables_[source] = std::unique_ptr<Loading>(new Loading{std::move(table), {settings_.spill_dir, budget_}});
  }
}

LoadsBeside::~LoadsBeside() = default;

void LoadsBeside::start(std::function<void(const std::stop_token&)> load, std::function<void()> wake) {
  wake_ = std::move(wake);
  thread_ = std::jthread([this, load = std::move(load)](const std::stop_token& stop) {
    try {
      load(stop);
    } catch (const Error& error) {
      fail(std::current_exception(), error.retriable() || error.code() == ErrorCode::kPlanOutdated);
    } catch (...) {
      fail(std::current_exception(), false);
    }
    wake_();
  });
}

void LoadsBeside::fail(std::exception_ptr failure, bool passes) {
  const std::lock_guard lock(mutex_);
  failure_ = std::move(failure);
  passes_ = passes;
  news_ = true;
}

void LoadsBeside::loaded(const schema::TableName& source, std::int64_t rows) {
  {
    const std::lock_guard lock(mutex_);
    done_.push_back({source, rows});
    news_ = true;
  }
  wake_();
}

LoadsBeside::Loading* LoadsBeside::of(Oid relation) {
  const auto found = relations_.find(relation.value);
  return found == relations_.end() ? nullptr : found->second;
}

void LoadsBeside::begin(Lsn commit_lsn, std::int64_t commit_time) {
  if (given_up_) return;
  for (auto& [source, loading] : tables_) loading->spool.begin(commit_lsn, commit_time);
}

void LoadsBeside::commit(Lsn end_lsn, std::int64_t commit_time) {
  if (given_up_) return;
  for (auto& [source, loading] : tables_) loading->spool.commit(end_lsn, commit_time);
}

bool LoadsBeside::take(const pgoutput::Message& message, HeldBytes raw, bool streamed) {
  using namespace pgoutput;
  const auto keep = [&](Loading& loading) {
    if (!given_up_) loading.spool.add(raw, streamed);
  };
  const auto row = [&](Oid relation) {
    Loading* loading = of(relation);
    if (loading == nullptr) return false;
    keep(*loading);
    return true;
  };
  if (const auto* insert = std::get_if<Insert>(&message)) return row(insert->relation);
  if (const auto* update = std::get_if<Update>(&message)) return row(update->relation);
  if (const auto* removed = std::get_if<Delete>(&message)) return row(removed->relation);
  if (const auto* relation = std::get_if<Relation>(&message)) {
    relations_.erase(relation->id.value);
    // One that is renamed is known by its number: what that means is judged when its load is done.
    auto found = std::find_if(tables_.begin(), tables_.end(),
                              [&](const auto& each) { return each.second->table->plan().source.oid == relation->id; });
    if (found == tables_.end()) found = tables_.find(name_of(*relation));
    if (found == tables_.end()) return false;
    relations_[relation->id.value] = found->second.get();
    found->second->spool.keep_relation(*relation);
    keep(*found->second);
    // The stream's own builder is told too: a TRUNCATE names all its tables at once.
    return false;
  }
  if (const auto* emptied = std::get_if<Truncate>(&message)) {
    std::vector<Loading*> named;
    for (const auto relation : emptied->relations) {
      if (Loading* loading = of(relation); loading != nullptr) named.push_back(loading);
    }
    for (auto* loading : named) keep(*loading);
    return named.size() == emptied->relations.size();
  }
  if (const auto* told = std::get_if<LogicalMessage>(&message)) {
    if (!told->transactional || told->prefix != postgres::kDdlPrefix) return false;
    for (auto& [source, loading] : tables_) keep(*loading);
  }
  return false;
}

bool LoadsBeside::ready() {
  if (!news_) return false;
  const std::lock_guard lock(mutex_);
  // What is done goes on before the failure of another table's load ends the attempt.
  if (!done_.empty()) return true;
  if (!failure_) return false;
  const auto now = std::chrono::steady_clock::now();
  if (!given_up_) given_up_ = now;
  if (!passes_ || now - *given_up_ >= settings_.goes_on) std::rethrow_exception(failure_);
  return false;
}

void LoadsBeside::hand_over(BatchBuilder& builder, const Give& give) {
  std::vector<Done> done;
  {
    const std::lock_guard lock(mutex_);
    done.swap(done_);
    news_ = failure_ != nullptr;
  }
  for (const auto& [source, rows] : done) {
    const auto found = tables_.find(source);
    if (found == tables_.end()) continue;
    hand_over(*found->second, rows, builder, give);
    for (auto at = relations_.begin(); at != relations_.end();) {
      at = at->second == found->second.get() ? relations_.erase(at) : std::next(at);
    }
    tables_.erase(found);
  }
}

void LoadsBeside::hand_over(Loading& loading, std::int64_t rows, BatchBuilder& builder, const Give& give) {
  const auto source = loading.table->source();
  const Lsn position = builder.end_lsn();
  RelationMap relations;
  relations.bind(loading.table);
  const auto watcher = settings_.watcher();
  BatchBuilder spooled(relations, *watcher, settings_.referenced, settings_.truncates);
  spooled.start(position);
  if (settings_.begin) spooled.add_steps(settings_.begin(source));
  const auto take = [&](bool last) {
    auto batch = spooled.take();
    // One target transaction, at the position where the stream is: the spool's transactions lie before it.
    batch->commits = last;
    batch->end_lsn = position;
    batch->commit_time = 0;
    batch->transactions = 0;
    return batch;
  };
  OwnRelations own;
  loading.spool.replay({.begin = [&](Lsn lsn, std::int64_t time) { spooled.begin(lsn, time); },
                        .change =
                            [&](const pgoutput::Message& message) {
                              spooled.change(own.only(message));
                              if (spooled.bytes() > settings_.batch_bytes) give(take(false));
                            },
                        .commit = [&](Lsn end, std::int64_t time) { spooled.commit(end, time); }});
  auto last = take(true);
  if (last->segments.empty()) last->segments.emplace_back();
  last->segments.back().steps.push_back(settings_.ready(source, rows));
  give(std::move(last));

  const auto& known = relations.tables();
  const auto bound = known.find(source);
  if (bound == known.end()) return;
  main_.bind(bound->second);
  if (const auto* relation = loading.spool.relation()) builder.change(pgoutput::Message{relation->get()});
}

}  // namespace millrace::replication
