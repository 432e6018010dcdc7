#include "support/endpoint.hpp"

#include <curl/curl.h>

#include <array>
#include <charconv>
#include <functional>
#include <map>
#include <memory>
#include <tuple>

#include "support/curl_handles.hpp"
#include "support/error.hpp"

namespace millrace {
namespace {

struct TextFree {
  void operator()(char* text) const { curl_free(text); }
};

[[noreturn]] void refuse(const std::string& field, const std::string& why, const std::string& example) {
  throw Error(ErrorCode::kUsage, "The " + field + " URL " + why + ".", {.field = field})
      .suggest("Write it as " + example);
}

std::string decode(const std::string& text) {
  int length = 0;
  const std::unique_ptr<char, TextFree> plain(
      curl_easy_unescape(nullptr, text.c_str(), static_cast<int>(text.size()), &length));
  return plain ? std::string(plain.get(), static_cast<std::size_t>(length)) : text;
}

/// One endpoint URL, taken apart; every part decoded.
class EndpointUrl {
 public:
  EndpointUrl(const std::string& text, std::string field, std::string example)
      : url_(curl_url()), field_(std::move(field)), example_(std::move(example)) {
    if (curl_url_set(url_.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK) {
      refuse(field_, "cannot be read (is a special character in the password not percent-encoded?)", example_);
    }
  }

  std::string part(CURLUPart which) const { return part_of_url(url_.get(), which); }
  std::string decoded(CURLUPart which) const { return decode(part(which)); }

  std::string host() const {
    std::string host = decoded(CURLUPART_HOST);
    if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
    if (host.empty()) refuse(field_, "has no host", example_);
    return host;
  }

  std::uint16_t port(std::uint16_t otherwise) const {
    const auto text = part(CURLUPART_PORT);
    if (text.empty()) return otherwise;
    int value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    if (value < 1 || value > 65535) refuse(field_, "has a port outside 1..65535", example_);
    return static_cast<std::uint16_t>(value);
  }

  std::string database() const {
    std::string path = part(CURLUPART_PATH);
    if (!path.empty() && path.front() == '/') path.erase(0, 1);
    if (path.empty()) refuse(field_, "has no database", example_);
    if (path.find('/') != std::string::npos) refuse(field_, "has more than a database in its path", example_);
    return decode(path);
  }

  void options(const std::map<std::string, std::function<void(const std::string&)>>& known) const {
    const auto query = part(CURLUPART_QUERY);
    std::size_t start = 0;
    while (start < query.size()) {
      const auto end = std::min(query.find('&', start), query.size());
      const auto pair = query.substr(start, end - start);
      start = end + 1;
      const auto equals = pair.find('=');
      const auto name = pair.substr(0, equals);
      const auto option = known.find(name);
      if (option == known.end()) refuse(field_, "has an unknown option " + name, example_);
      if (equals == std::string::npos) refuse(field_, "has option " + name + " without a value", example_);
      option->second(decode(pair.substr(equals + 1)));
    }
  }

  void require_scheme(const std::string& first, const std::string& second) const {
    const auto scheme = part(CURLUPART_SCHEME);
    if (scheme != first && scheme != second) refuse(field_, "does not begin with " + first + "://", example_);
  }

  [[noreturn]] void refuse_option(const std::string& name, const std::string& allowed) const {
    refuse(field_, "has a value of " + name + " that is not one of " + allowed, example_);
  }

 private:
  CurlUrl url_;
  std::string field_;
  std::string example_;
};

bool parse_flag(const EndpointUrl& url, const std::string& name, const std::string& text) {
  if (text == "true" || text == "yes" || text == "1") return true;
  if (text == "false" || text == "no" || text == "0") return false;
  url.refuse_option(name, "true, false");
}

std::string encoded(const std::string& text) {
  const std::unique_ptr<char, TextFree> safe(curl_easy_escape(nullptr, text.c_str(), static_cast<int>(text.size())));
  return safe ? safe.get() : text;
}

std::string shown_host(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

template <typename Endpoint>
std::string shown(const char* scheme, const Endpoint& endpoint) {
  return std::string(scheme) + "://" + (endpoint.user.empty() ? "" : encoded(endpoint.user) + "@") +
         shown_host(endpoint.host) + ":" + std::to_string(endpoint.port) + "/" + encoded(endpoint.database);
}

// Taken apart member by member: one that is added does not compile before somebody has thought of it here.

auto session_parts(const SourceEndpoint& endpoint) {
  const auto& [host, port, database, schema, user, password, sslmode, sslrootcert, connection, guard] = endpoint;
  return std::tie(host, port, database, schema, user, password.reveal(), sslmode, sslrootcert, connection);
}

auto session_parts(const TargetEndpoint& endpoint) {
  const auto& [host, port, database, schema, user, password, encrypt, trusts, connection, guard] = endpoint;
  return std::tie(host, port, database, schema, user, password.reveal(), encrypt, trusts, connection);
}

}  // namespace

bool same_session(const SourceEndpoint& left, const SourceEndpoint& right) {
  return session_parts(left) == session_parts(right);
}

bool same_session(const TargetEndpoint& left, const TargetEndpoint& right) {
  return session_parts(left) == session_parts(right);
}

SourceEndpoint parse_source_url(const std::string& text) {
  const EndpointUrl url(text, "source", "postgres://user@host:5432/database");
  url.require_scheme("postgres", "postgresql");
  SourceEndpoint endpoint;
  endpoint.host = url.host();
  endpoint.port = url.port(endpoint.port);
  endpoint.database = url.database();
  endpoint.user = url.decoded(CURLUPART_USER);
  endpoint.password = Secret(url.decoded(CURLUPART_PASSWORD));
  url.options({{"schema", [&](const auto& value) { endpoint.schema = value; }},
               {"sslrootcert", [&](const auto& value) { endpoint.sslrootcert = value; }},
               {"sslmode", [&](const auto& value) {
                  constexpr std::array kModes = {"disable", "prefer", "require", "verify-ca", "verify-full"};
                  for (const auto* mode : kModes) {
                    if (value == mode) {
                      endpoint.sslmode = value;
                      return;
                    }
                  }
                  url.refuse_option("sslmode", "disable, prefer, require, verify-ca, verify-full");
                }}});
  return endpoint;
}

TargetEndpoint parse_target_url(const std::string& text) {
  const EndpointUrl url(text, "target", "sqlserver://user@host:1433/database?schema=dbo");
  url.require_scheme("sqlserver", "mssql");
  TargetEndpoint endpoint;
  endpoint.host = url.host();
  endpoint.port = url.port(endpoint.port);
  endpoint.database = url.database();
  endpoint.user = url.decoded(CURLUPART_USER);
  endpoint.password = Secret(url.decoded(CURLUPART_PASSWORD));
  url.options({{"schema", [&](const auto& value) { endpoint.schema = value; }},
               {"encrypt",
                [&](const auto& value) {
                  if (value == "strict") {
                    endpoint.encrypt = value;
                  } else {
                    endpoint.encrypt = parse_flag(url, "encrypt", value) ? "yes" : "no";
                  }
                }},
               {"trustServerCertificate", [&](const auto& value) {
                  endpoint.trust_server_certificate = parse_flag(url, "trustServerCertificate", value);
                }}});
  return endpoint;
}

std::string display_url(const SourceEndpoint& endpoint) {
  return shown("postgres", endpoint);
}

std::string display_url(const TargetEndpoint& endpoint) {
  return shown("sqlserver", endpoint);
}

}  // namespace millrace
