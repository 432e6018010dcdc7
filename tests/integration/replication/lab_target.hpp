#pragma once

#include "sqlserver/lab_sqlserver.hpp"

namespace millrace::replication {

/// Where the lab's SQL Server is.
class LabTarget : private sqlserver::LabSqlServer {
 public:
  using LabSqlServer::endpoint;
};

}  // namespace millrace::replication
