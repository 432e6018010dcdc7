#pragma once

#include <memory>
#include <string>

#include "store/backend.hpp"
#include "support/endpoint.hpp"

namespace millrace::store {

/// A connection to the PostgreSQL database that holds the store, in the schema `schema`, which is made when it is not
/// there. Statements end after 30 s, waits for locks after 10 s. Throws Error kStoreUnavailable, kStore.
std::unique_ptr<Backend> connect_postgres(const SourceEndpoint& endpoint, const std::string& schema);

/// "?" -> "$1", "$2", ..; not within quotes.
std::string numbered_parameters(std::string_view sql);
/// SQLite's words of a migration as PostgreSQL's.
std::string postgres_words(std::string_view statements);

}  // namespace millrace::store
