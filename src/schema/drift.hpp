#pragma once

#include <string>
#include <vector>

#include "schema/target_table.hpp"

namespace millrace::schema {

/// One way in which an existing target table differs from the planned one.
struct Drift {
  bool fatal = false;   ///< false: rows still arrive exactly (a wider type, an extra nullable column)
  std::string column;   ///< empty: the table
  std::string message;  ///< "is varchar(20), planned nvarchar(20): non-Latin text would be lost"
  std::string fix;      ///< the ALTER TABLE statement, when there is one
};

/// Compares column by column, names without regard to case as SQL Server resolves them. A target type that holds
/// every value of the planned one exactly is no fault. Pure.
std::vector<Drift> compare_tables(const TargetTable& planned, const TargetTable& actual);

}  // namespace millrace::schema
