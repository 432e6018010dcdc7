#pragma once

#include <string>

#include "schema/table_name.hpp"
#include "sqlserver/session.hpp"

namespace millrace::replication {

/// The owner's name in the stage tables of `millrace verify --repair`: a process that runs the pipeline uses others.
std::string verify_stage_owner(const std::string& pipeline);
/// The application lock that a repair holds while it is at work.
std::string repair_lock(const std::string& pipeline);
/// Takes that lock for the session, without waiting; it ends with the session. False: another repair holds it.
bool lock_repair(sqlserver::Session& session, const std::string& pipeline);

/// Drops stage tables that processes left behind which were killed: of this pipeline's tables those of shapes of the
/// past, and those of repairs when no repair is at work. To be called by the process that has taken the pipeline over.
void drop_leftover_stages(sqlserver::Session& session, const std::string& pipeline);
/// Those of repairs alone; by a repair that holds the lock.
void drop_repair_stages(sqlserver::Session& session, const std::string& pipeline);
/// All stage tables of one table, also of repairs: the pipeline does not carry it any more.
void drop_stages_of(sqlserver::Session& session, const std::string& pipeline, const schema::TableName& source);
/// All stage tables of the pipeline: it is being deleted.
void drop_all_stages(sqlserver::Session& session, const std::string& pipeline);

}  // namespace millrace::replication
