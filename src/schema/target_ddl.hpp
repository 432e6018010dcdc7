#pragma once

#include <string>
#include <vector>

#include "schema/target_table.hpp"

namespace millrace::schema {

/// CREATE TABLE with quoted names, explicit NULL / NOT NULL, collations, and the primary key as a named clustered
/// constraint. One statement without a closing semicolon; SQL Server 2017 and later.
std::string create_table_sql(const TargetTable& table);

/// The name that create_table_sql gives the primary key of a table of this name.
std::string primary_key_name(const std::string& table);

/// CREATE SCHEMA by EXEC, so that it may stand behind an IF SCHEMA_ID(..) IS NULL in one batch.
std::string create_schema_sql(const std::string& schema);

std::string drop_table_sql(const TableName& table);
std::string drop_column_sql(const TableName& table, const std::string& column);

}  // namespace millrace::schema
