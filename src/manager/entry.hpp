#pragma once

#include "support/endpoint.hpp"

namespace millrace::manager {

// The part of an endpoint that may change while the database behind it stays the same: host, port and encryption, which
// are the way that a password goes, and user and password.

/// Whether host, port and encryption are the same.
bool same_way(const SourceEndpoint& left, const SourceEndpoint& right);
bool same_way(const TargetEndpoint& left, const TargetEndpoint& right);
/// Whether the whole entry is the same.
bool same_entry(const SourceEndpoint& left, const SourceEndpoint& right);
bool same_entry(const TargetEndpoint& left, const TargetEndpoint& right);
/// Gives `endpoint` the entry of another.
void take_entry(SourceEndpoint& endpoint, const SourceEndpoint& from);
void take_entry(TargetEndpoint& endpoint, const TargetEndpoint& from);

}  // namespace millrace::manager
