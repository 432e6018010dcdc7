#include "sqlserver/connection_string.hpp"

namespace millrace::sqlserver {

std::string brace(std::string_view value) {
  std::string out = "{";
  for (const char c : value) {
    out += c;
    if (c == '}') out += c;
  }
  return out + "}";
}

Secret connection_string(const std::string& driver, const TargetEndpoint& endpoint, bool several_addresses,
                         const std::string& address) {
  std::string text;
  // Reserved at once, so that no smaller buffer with the password's head is left behind by growth.
  text.reserve(512 + driver.size() + endpoint.host.size() + endpoint.database.size() + endpoint.user.size() +
               2 * endpoint.password.reveal().size());
  text += "Driver=" + brace(driver);
  const auto& dialled = address.empty() ? endpoint.host : address;
  text += ";Server=" + brace("tcp:" + dialled + "," + std::to_string(endpoint.port));
  text += ";Database=" + brace(endpoint.database);
  text += ";UID=" + brace(endpoint.user);
  text += ";PWD=";
  text += Secret(brace(endpoint.password.reveal())).reveal();
  text += ";Encrypt=" + brace(endpoint.encrypt);
  text += std::string(";TrustServerCertificate=") + (endpoint.trust_server_certificate ? "yes" : "no");
  if (dialled != endpoint.host) text += ";HostNameInCertificate=" + brace(endpoint.host);
  // Without silent reconnects: a session that lost its connection says so, and its settings are never in doubt.
  text += ";APP={millrace};ConnectRetryCount=0";
  // A peer that is gone without a word is noticed in about a minute. Seconds; the driver knows them since 17.8.
  text += ";KeepAlive=30;KeepAliveInterval=5";
  // All addresses of an availability group's listener are tried at once. Not for a single one: the driver then loses
  // the reason of a refused connection.
  if (several_addresses) text += ";MultiSubnetFailover=yes";
  return Secret(std::move(text));
}

}  // namespace millrace::sqlserver
