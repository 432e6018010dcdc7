#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "access/accounts.hpp"
#include "server/oidc_settings.hpp"
#include "support/host_guard.hpp"

namespace millrace::server {

/// What belongs to one sign-in and to the browser that began it.
struct OidcSignIn {
  std::string state;     ///< comes back with the code
  std::string nonce;     ///< comes back in the token
  std::string verifier;  ///< of PKCE (RFC 7636): shown when the code is redeemed
};

/// The provider as OpenID Connect Discovery describes it, asked as little as can be: its description is kept for ten
/// minutes, its keys until a token names one that is not among them. Every request goes through the guard.
/// Thread-safe.
class OidcProvider {
 public:
  OidcProvider(OidcSettings settings, HostGuard guard);

  const OidcSettings& settings() const { return settings_; }
  /// For the page's button.
  std::string display_name() const;
  /// Where the provider sends the browser back to.
  std::string redirect_uri() const;
  /// Where to send the browser: code flow with PKCE (S256). Throws Error kOidcUnavailable, kOidcInvalid for a provider
  /// whose description is not that of the issuer.
  std::string authorization_url(const OidcSignIn& sign_in);
  /// Who has signed in: redeems the code, checks the token (server/json_web_token.hpp, server/id_token.hpp), and asks
  /// for further claims where the token has not all. `issuer`: what came with the code (RFC 9207), or empty. Throws
  /// Error kOidcInvalid, kOidcRefused for a code that the provider does not take, kOidcUnavailable.
  access::OidcIdentity redeem(const OidcSignIn& sign_in, const std::string& code, const std::string& issuer);

 private:
  struct Description {
    std::string authorization, token, keys, user_info;
    bool secret_in_form = false;  ///< the client's secret goes into the form, not the header
    bool names_issuer = false;    ///< a code comes with the issuer's name
    std::int64_t read_ms = 0;
  };
  /// As it is kept, or read now. While it cannot be read it is asked for every few seconds by one alone: anybody may
  /// begin a sign-in, and nobody is to hold the server's threads by it.
  Description description();
  Description read_description();
  nlohmann::json read_json(const std::string& url);
  /// The keys that are known, or read now.
  nlohmann::json keys(const std::string& url, bool anew);
  nlohmann::json tokens(const Description& provider, const OidcSignIn& sign_in, const std::string& code);
  nlohmann::json claims_of(const Description& provider, const std::string& token);
  void add_user_info(const Description& provider, const nlohmann::json& tokens, nlohmann::json& claims);

  OidcSettings settings_;
  HostGuard guard_;
  std::mutex mutex_;  ///< guards the three below; not held while the provider is asked
  std::optional<Description> description_;
  std::optional<std::int64_t> failed_ms_;  ///< when it was last asked for in vain; none: it was read
  nlohmann::json keys_ = nlohmann::json::array();
};

}  // namespace millrace::server
