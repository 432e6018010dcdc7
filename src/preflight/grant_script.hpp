#pragma once

#include <string>
#include <vector>

#include "postgres/publication.hpp"

namespace millrace::preflight {

struct GrantInput {
  std::string user;
  std::string database;
  postgres::PublicationSpec publication;  ///< without a name: it is not chosen yet, and left to a later script
  std::string cloud = {};                 ///< ServerFacts::cloud: who gives REPLICATION, and how
  std::vector<schema::TableName> identity_full = {};  ///< tables that need REPLICA IDENTITY FULL
  std::string schema = {};                            ///< read as a whole when no tables are named
};

/// SQL for a superuser that makes a source user with no more rights than a pipeline needs: it may read the chosen
/// tables and replicate, and the publication is made for it, so that it need not own the tables. The password stays
/// with the person who runs it.
std::string grant_script(const GrantInput& input);

/// The same for the target's user: SQL for the owner of its database.
std::string target_grant_script(const TargetEndpoint& endpoint);

}  // namespace millrace::preflight
