#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "postgres/connection.hpp"
#include "schema/table_name.hpp"
#include "support/ids.hpp"

namespace millrace::postgres {

/// The prefix of the messages that the source's event triggers write.
constexpr const char* kDdlPrefix = "millrace.ddl";

/// An event trigger on the source that writes changes of published tables into the stream: a transactional logical
/// message of prefix kDdlPrefix per table, in order with the data (and an empty one of prefix millrace.behind after it,
/// to be ignored). Its content is a JSON object:
///   publication  whose capture wrote it; a reader takes only its own
///   command      the command's tag, "ALTER TABLE"
///   identity     the object as PostgreSQL names it, for people
///   oid, schema, table   the table after the command; dropped: before it
///   dropped      true for a table that is gone (also by DROP SCHEMA)
///   columns      not for dropped ones: list of {attnum, name, type (oid), typmod, declared, not_null, missing}.
///                missing: text of the value that rows from before ADD COLUMN .. DEFAULT show, else null
///   computed     true alone of all these: the table is being rewritten by a statement that may give a column's values
///                another content (ALTER COLUMN .. TYPE .. USING); no columns come with it
///
/// Three triggers and one function a capture, named after it, in the schema millrace: captures of several
/// pipelines know nothing of each other. The schema goes with the last one. An error in the function is turned into a
/// warning: a user's DDL never fails because of it.
struct DdlCapture {
  std::string name;         ///< at most 44 bytes, e.g. the pipeline's slot name
  std::string publication;  ///< whose tables are watched
};

/// Event triggers may be made by superusers, and on Amazon RDS by rds_superuser.
bool may_capture_ddl(Connection& connection);
/// The statements of install_ddl_capture(), for plans and scripts. Throws Error kNameInvalid for a name too long.
std::vector<std::string> install_ddl_capture_sql(const DdlCapture& capture, int server_version);
/// Makes or replaces the capture, in one transaction. Throws Error kSourcePermission without the right.
void install_ddl_capture(Connection& connection, const DdlCapture& capture);
/// True: there was one. All of it is gone when this returns.
bool remove_ddl_capture(Connection& connection, const std::string& name);

struct ShapeColumn {
  int attnum = 0;
  std::string name;
  Oid type;
  std::int32_t modifier = -1;
  std::string declared;  ///< format_type(): "character varying(20)"
  bool not_null = false;
  std::optional<std::string> missing;  ///< as in the message above
};

/// A table's columns as they are now: for sources where no event trigger may be made.
struct TableShape {
  Oid oid;
  schema::TableName name;
  std::vector<ShapeColumn> columns;  ///< in attnum order
};

/// Nothing when there is no such table.
std::optional<TableShape> read_table_shape(Connection& connection, Oid oid);
std::optional<TableShape> read_table_shape(Connection& connection, const schema::TableName& name);

}  // namespace millrace::postgres
