#pragma once

#include <string>
#include <vector>

#include "postgres/publication.hpp"

namespace millrace::preflight {

struct GrantInput {
  std::string user;
  std::string database;
  postgres::PublicationSpec publication;
  std::string cloud = {};                             ///< ServerFacts::cloud: who gives REPLICATION, and how
  std::vector<schema::TableName> identity_full = {};  ///< tables that need REPLICA IDENTITY FULL
};

/// SQL for a superuser that makes a source user with no more rights than a pipeline needs: it may read the chosen
/// tables and replicate, and the publication is made for it, so that it need not own the tables. The password stays
/// with the person who runs it.
std::string grant_script(const GrantInput& input);

}  // namespace millrace::preflight
