#pragma once

#include <string>

#include "preflight/check_list.hpp"
#include "support/error.hpp"

namespace millrace::preflight {

/// Words and codes by which the two sides differ when a connection is tried.
struct TrialSide {
  std::string side;     ///< "source" | "target": the checks' ids begin with it
  std::string product;  ///< "PostgreSQL"
  std::string place;    ///< "host:port"
  std::string user;
  std::string database;
  std::string tls;          ///< the setting of encryption: "sslmode require"
  std::string no_database;  ///< said when the database cannot be opened
  ErrorCode unreachable;
  ErrorCode auth;
  ErrorCode database_not_found;
};

/// What trying a connection says of network, encryption, sign-in and database.
class ConnectionTrial {
 public:
  ConnectionTrial(TrialSide side, CheckList& list);

  /// It was made.
  void succeeded();
  /// The checks before the database's.
  void signed_in();
  /// False: an error that none of the checks is about.
  bool failed(const Error& error);

 private:
  std::string id(const char* check) const { return side_.side + "." + check; }
  void answers();

  TrialSide side_;
  CheckList& list_;
};

}  // namespace millrace::preflight
