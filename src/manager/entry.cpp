#include "manager/entry.hpp"

namespace millrace::manager {

bool same_way(const SourceEndpoint& left, const SourceEndpoint& right) {
  return left.host == right.host && left.port == right.port && left.sslmode == right.sslmode &&
         left.sslrootcert == right.sslrootcert;
}

bool same_way(const TargetEndpoint& left, const TargetEndpoint& right) {
  return left.host == right.host && left.port == right.port && left.encrypt == right.encrypt &&
         left.trust_server_certificate == right.trust_server_certificate;
}

bool same_entry(const SourceEndpoint& left, const SourceEndpoint& right) {
  return same_way(left, right) && left.user == right.user && left.password.reveal() == right.password.reveal();
}

bool same_entry(const TargetEndpoint& left, const TargetEndpoint& right) {
  return same_way(left, right) && left.user == right.user && left.password.reveal() == right.password.reveal();
}

void take_entry(SourceEndpoint& endpoint, const SourceEndpoint& from) {
  endpoint.host = from.host;
  endpoint.port = from.port;
  endpoint.user = from.user;
  endpoint.password = from.password;
  endpoint.sslmode = from.sslmode;
  endpoint.sslrootcert = from.sslrootcert;
}

void take_entry(TargetEndpoint& endpoint, const TargetEndpoint& from) {
  endpoint.host = from.host;
  endpoint.port = from.port;
  endpoint.user = from.user;
  endpoint.password = from.password;
  endpoint.encrypt = from.encrypt;
  endpoint.trust_server_certificate = from.trust_server_certificate;
}

}  // namespace millrace::manager
