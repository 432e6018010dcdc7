#pragma once

#include <string>
#include <string_view>

#include "support/endpoint.hpp"
#include "support/secret.hpp"

namespace millrace::sqlserver {

/// {value} with '}' doubled, as ODBC connection strings want it: a value cannot start another keyword.
std::string brace(std::string_view value);

/// The text for SQLDriverConnect. Holds the password: it stays in memory and is wiped with the Secret.
/// `several_addresses`: the host's name stands for more than one. `address`: numeric, dialled instead of looking the
/// host up; the certificate must still be the host's.
Secret connection_string(const std::string& driver, const TargetEndpoint& endpoint, bool several_addresses,
                         const std::string& address = {});

}  // namespace millrace::sqlserver
