#pragma once

#include <string>

#include "security/roles.hpp"
#include "store/tenants.hpp"
#include "support/secret.hpp"

namespace millrace::server {

/// The OpenID Connect provider by which people sign in, beside passwords.
struct OidcSettings {
  std::string issuer = {};         ///< as its tokens have it; empty: there is no provider
  std::string client_id = {};      ///< what the provider knows Millrace as
  Secret client_secret = {};       ///< empty: a public client
  std::string redirect_base = {};  ///< how browsers reach this server: "https://millrace.example"
  std::string display_name = {};   ///< on the page's button; empty: the issuer's host
  std::string ca_file = {};        ///< PEM; empty: the system's
  /// Whether an existing user signs in by the e-mail address that the provider says it has verified; else only those
  /// signed in before, by their subject.
  bool link_by_email = true;
  /// Whether somebody whom no user belongs to becomes one: named by `name_claim`, in one tenant, without password.
  bool create_users = false;
  std::string name_claim = "email";
  std::string create_tenant = store::kDefaultTenant;  ///< id
  std::string create_role = "viewer";
};

/// Throws Error kUsage for what is missing or contradicts itself: an issuer or a base that is neither https nor on the
/// loopback, an unknown role.
void check_settings(const OidcSettings& settings);

/// Whether a URL is https, or http on the loopback: where tokens and codes may go.
bool is_safe_url(const std::string& url);

}  // namespace millrace::server
