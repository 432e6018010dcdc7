#include "server/oidc_settings.hpp"

#include <curl/curl.h>

#include "support/curl_handles.hpp"
#include "support/error.hpp"
#include "support/loopback.hpp"

namespace millrace::server {
namespace {

void require_safe(const std::string& url, const char* field) {
  if (is_safe_url(url)) return;
  throw Error(ErrorCode::kUsage, std::string(field) + " is an https URL without query, or an http one on the loopback.",
              {.field = field});
}

}  // namespace

bool is_safe_url(const std::string& url) {
  const CurlUrl parsed(curl_url());
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) return false;
  if (!part_of_url(parsed.get(), CURLUPART_USER).empty() || !part_of_url(parsed.get(), CURLUPART_FRAGMENT).empty())
    return false;
  const auto scheme = part_of_url(parsed.get(), CURLUPART_SCHEME);
  const auto host = part_of_url(parsed.get(), CURLUPART_HOST);
  return scheme == "https" || (scheme == "http" && is_loopback(host));
}

void check_settings(const OidcSettings& settings) {
  if (settings.issuer.empty()) {
    if (settings.client_id.empty() && settings.redirect_base.empty()) return;
    throw Error(ErrorCode::kUsage, "The identity provider has no issuer.", {.field = "oidc-issuer"});
  }
  require_safe(settings.issuer, "oidc-issuer");
  require_safe(settings.redirect_base, "oidc-redirect-base");
  if (settings.client_id.empty()) {
    throw Error(ErrorCode::kUsage, "The identity provider needs a client id.", {.field = "oidc-client-id"});
  }
  security::require_role(settings.create_role, "oidc-create-role");
}

}  // namespace millrace::server
