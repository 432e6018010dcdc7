#include "postgres/stream_errors.hpp"

#include <string_view>

namespace millrace::postgres {
namespace {

bool says(const ServerMessage& message, std::string_view words) {
  return message.primary.find(words) != std::string::npos || message.detail.find(words) != std::string::npos;
}

bool about_publication(const ServerMessage& message) {
  return message.function == "get_publication_oid" || message.function == "GetPublicationByName" ||
         message.primary.starts_with("publication \"");
}

/// 55000, object_not_in_prerequisite_state, stands for many states.
ErrorCode prerequisite(const ServerMessage& message) {
  if (says(message, "wal_level") || message.function == "CheckLogicalDecodingRequirements") {
    return ErrorCode::kPreflightFailed;
  }
  if (says(message, "was not created in this database")) return ErrorCode::kSlotUnfit;
  if (says(message, "invalidated") || says(message, "can no longer ") ||
      says(message, "cannot read from logical replication slot") || says(message, "must be created after")) {
    return ErrorCode::kSlotLost;
  }
  // In another language: only an invalidated slot is explained by a detail.
  const bool slot = message.function == "CreateDecodingContext" || message.function == "StartLogicalReplication" ||
                    message.function == "ReplicationSlotAcquire";
  if (slot) return message.detail.empty() ? ErrorCode::kSlotUnfit : ErrorCode::kSlotLost;
  return ErrorCode::kSourceQuery;
}

ErrorCode code_of(const ServerMessage& message) {
  const auto& state = message.sqlstate;
  if (state == "55006") return ErrorCode::kSlotInUse;
  if (state == "42704") {
    return about_publication(message) ? ErrorCode::kPublicationMissing : ErrorCode::kSlotMissing;
  }
  if (state == "42710") return ErrorCode::kSlotUnfit;
  if (state == "55000") return prerequisite(message);
  if (state == "58P01") return ErrorCode::kSlotLost;
  if (state == "53400") return ErrorCode::kPreflightFailed;
  if (state == "42501") return ErrorCode::kSourcePermission;
  if (state.starts_with("28")) return ErrorCode::kSourceAuth;
  if (state.starts_with("08") || state.starts_with("57P0") || state == "53300") return ErrorCode::kSourceUnreachable;
  return ErrorCode::kSourceQuery;
}

std::string sentence(ErrorCode code, const std::string& slot, const std::string& publication) {
  switch (code) {
    case ErrorCode::kSlotInUse:
      return "The slot " + slot + " is being read by another process.";
    case ErrorCode::kSlotMissing:
      return "The slot " + slot + " does not exist on the source.";
    case ErrorCode::kSlotLost:
      return "The slot " + slot + " was invalidated: the source has removed changes that were not read yet.";
    case ErrorCode::kSlotUnfit:
      return "The slot " + slot + " cannot be used.";
    case ErrorCode::kPublicationMissing:
      return "The publication " + publication + " does not exist, or did not when a change was written.";
    case ErrorCode::kSourceUnreachable:
      return "The source ended the replication connection.";
    default:
      return "The source refused to replicate.";
  }
}

}  // namespace

Error replication_error(const ServerMessage& message, const std::string& slot, const std::string& publication) {
  const ErrorCode code = code_of(message);
  Error error(code, sentence(code, slot, publication));
  error.because("PostgreSQL: " + message.primary + " (SQLSTATE " + message.sqlstate + ")" +
                (message.detail.empty() ? "" : " " + message.detail));
  return error;
}

bool warns_of_missing_publication(const ServerMessage& message) {
  return message.sqlstate == "55000" &&
         (message.function == "LoadPublications" || message.primary.starts_with("skipped loading publication"));
}

}  // namespace millrace::postgres
