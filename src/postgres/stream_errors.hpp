#pragma once

#include <string>

#include "support/error.hpp"

namespace millrace::postgres {

/// The fields of a server's error or warning that tell replication faults apart.
struct ServerMessage {
  std::string sqlstate;
  std::string primary;
  std::string detail;
  std::string function;  ///< the server's C function, the same in every language; may be missing
  std::string hint = {};
};

/// What an error of CREATE_REPLICATION_SLOT, START_REPLICATION or of the stream itself means:
///   55006                                    kSlotInUse           another process reads the slot
///   42704 about a publication                kPublicationMissing  PostgreSQL 10 to 17, when the first change comes
///   42704 else, 42710                        kSlotMissing; kSlotUnfit (name taken)
///   55000 invalidated, 58P01                 kSlotLost            "can no longer get changes" (13 to 17), "can no
///                                            longer access" (18), "requested WAL segment has already been removed"
///   55000 of another database                kSlotUnfit
///   53400 no slot left, 55000 wal_level      kPreflightFailed
///   08xxx, 57P0x, 53300                      kSourceUnreachable
///   42501, 28xxx                             kSourcePermission, kSourceAuth
///   else                                     kSourceQuery
/// The words are looked at only where a SQLSTATE has several meanings; servers of another language than English are
/// told by the C function's name.
Error replication_error(const ServerMessage& message, const std::string& slot, const std::string& publication);

/// PostgreSQL 18 only warns when the publication is not there, and then leaves its changes out.
bool warns_of_missing_publication(const ServerMessage& message);

}  // namespace millrace::postgres
