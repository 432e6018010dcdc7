#include "postgres/tls.hpp"

#include <libpq-fe.h>

namespace millrace::postgres {

std::string tls_version(const Connection& connection) {
  const char* version =
      PQsslInUse(connection.native()) == 0 ? nullptr : PQsslAttribute(connection.native(), "protocol");
  return version == nullptr ? "" : version;
}

}  // namespace millrace::postgres
