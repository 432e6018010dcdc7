#pragma once

#include <string>

#include "postgres/connection.hpp"

namespace millrace::postgres {

/// "TLSv1.3"; empty: the connection is not encrypted.
std::string tls_version(const Connection& connection);

}  // namespace millrace::postgres
