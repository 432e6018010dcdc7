#pragma once

#include "schema/source_table.hpp"
#include "support/endpoint.hpp"

namespace millrace::manager {

/// What a table's replica identity was before Millrace set it to FULL.
struct IdentityBefore {
  schema::TableName table;
  schema::ReplicaIdentity identity = schema::ReplicaIdentity::kDefault;
  std::string index;  ///< when kIndex
};

/// Sets it back. A table that is gone by now is no fault. Throws Error kSourcePermission, kSourceUnreachable.
void restore_replica_identity(const SourceEndpoint& source, const IdentityBefore& before);

}  // namespace millrace::manager
