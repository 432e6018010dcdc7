#include "server/alert_delivery.hpp"

#include <curl/curl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <ctime>
#include <memory>
#include <nlohmann/json.hpp>

#include "security/dialer.hpp"
#include "support/curl_handles.hpp"
#include "support/error.hpp"

namespace millrace::server {
namespace {

constexpr long kDeliveryMs = 15'000;
constexpr long kDeliveryConnectMs = 5'000;
constexpr std::size_t kLongestAddress = 254;

/// A list that grows.
class Lines {
 public:
  void add(const std::string& line) {
    auto* longer = curl_slist_append(list_.get(), line.c_str());
    if (longer == nullptr) throw Error(ErrorCode::kInternal, "libcurl gave no list.");
    (void)list_.release();
    list_.reset(longer);
  }
  curl_slist* get() const { return list_.get(); }

 private:
  CurlList list_;
};

std::size_t throw_away(char*, std::size_t size, std::size_t count, void*) {
  return size * count;
}

CurlUrl parsed_url(const std::string& text) {
  CurlUrl url(curl_url());
  if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
    throw Error(ErrorCode::kUsage, "The URL cannot be read.", {.field = "webhook.url"});
  }
  return url;
}

std::string without_brackets(std::string host) {
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return host;
}

/// A handle that connects to what was pinned and to nothing else.
CurlEasy pinned_handle(const security::PinnedHost& pinned, const Lines& resolve) {
  auto handle = make_curl_easy();
  CURL* curl = handle.get();
  // A numeric host is not looked up.
  if (!security::IpAddress::parse(pinned.host)) curl_easy_setopt(curl, CURLOPT_RESOLVE, resolve.get());
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, kDeliveryMs);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, kDeliveryConnectMs);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, throw_away);
  return handle;
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

/// An address that cannot become anything else in an envelope or a header.
void check_address(const std::string& address, const std::string& field) {
  const auto at = address.find('@');
  const bool fits = at != std::string::npos && at > 0 && at + 1 < address.size() && address.size() <= kLongestAddress &&
                    address.find('@', at + 1) == std::string::npos &&
                    std::none_of(address.begin(), address.end(),
                                 [](char c) { return is_control(c) || std::strchr(" <>(),;:\\\"[]", c) != nullptr; });
  if (!fits) throw Error(ErrorCode::kUsage, "An e-mail address is like ann@example.org.", {.field = field});
}

/// One line of a header: what would begin another one goes.
std::string header_text(std::string text) {
  constexpr std::size_t kLongest = 200;
  std::replace_if(text.begin(), text.end(), is_control, ' ');
  if (text.size() > kLongest) text.resize(kLongest);
  // Beyond ASCII a header has to be encoded.
  const bool ascii = std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (ascii) return text;
  std::string encoded(sodium_base64_ENCODED_LEN(text.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(encoded.data(), encoded.size(), reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  encoded.resize(std::strlen(encoded.c_str()));
  return "=?UTF-8?B?" + encoded + "?=";
}

std::string mail_text(const EmailSettings& settings, const std::string& id, const std::string& message) {
  const auto alert = nlohmann::json::parse(message, nullptr, false);
  const auto text = [&](const char* name) {
    return alert.is_object() && alert.contains(name) && alert[name].is_string() ? alert[name].get<std::string>()
                                                                                : std::string();
  };
  std::string to;
  for (const auto& address : settings.to) to += (to.empty() ? "" : ", ") + address;
  std::string mail = fmt::format("Date: {:%a, %d %b %Y %H:%M:%S} +0000\r\n", fmt::gmtime(std::time(nullptr)));
  mail += "From: " + settings.from + "\r\nTo: " + to + "\r\n";
  mail += "Subject: " +
          header_text(fmt::format("[Millrace] {}: {}: {}", text("severity"), text("pipeline"), text("rule"))) + "\r\n";
  mail += "Message-ID: <" + id + settings.from.substr(settings.from.find('@')) + ">\r\n";
  mail +=
      "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
      "Auto-Submitted: auto-generated\r\n\r\n";
  std::string body = text("message") + "\n";
  for (const char* name : {"pipeline", "table", "lsn", "code", "kind", "time"}) {
    if (!text(name).empty()) body += fmt::format("\n{}: {}", name, text(name));
  }
  for (const char c : body) {
    if (c == '\n') mail += '\r';
    // Anything else below a space has no place in a mail.
    if (c == '\n' || !is_control(c)) mail += c;
  }
  return mail + "\r\n";
}

struct Upload {
  const std::string* text;
  std::size_t at = 0;
};

std::size_t give(char* buffer, std::size_t size, std::size_t count, void* state) {
  auto& upload = *static_cast<Upload*>(state);
  const auto length = std::min(size * count, upload.text->size() - upload.at);
  std::memcpy(buffer, upload.text->data() + upload.at, length);
  upload.at += length;
  return length;
}

DeliveryOutcome failure(CURLcode code) {
  return {false, curl_easy_strerror(code)};
}

DeliveryOutcome refused(const Error& error) {
  return {false, error.message()};
}

}  // namespace

std::string webhook_signature(const Secret& secret, const std::string& timestamp, const std::string& body) {
  std::array<unsigned char, crypto_auth_hmacsha256_BYTES> mac{};
  crypto_auth_hmacsha256_state state;
  const auto& key = secret.reveal();
  crypto_auth_hmacsha256_init(&state, reinterpret_cast<const unsigned char*>(key.data()), key.size());
  const auto signed_text = timestamp + "." + body;
  crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(signed_text.data()), signed_text.size());
  crypto_auth_hmacsha256_final(&state, mac.data());
  std::string hex = "sha256=";
  for (const auto byte : mac) hex += fmt::format("{:02x}", byte);
  return hex;
}

void check(const WebhookSettings& settings) {
  const auto url = parsed_url(settings.url);
  const auto scheme = part_of_url(url.get(), CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") {
    throw Error(ErrorCode::kUsage, "The URL must begin with http:// or https://.", {.field = "webhook.url"});
  }
  if (!part_of_url(url.get(), CURLUPART_USER).empty() || !part_of_url(url.get(), CURLUPART_PASSWORD).empty()) {
    throw Error(ErrorCode::kUsage, "The URL must hold no user and no password: anybody who sees the channel sees it.",
                {.field = "webhook.url"});
  }
}

void check(const EmailSettings& settings) {
  check_address(settings.from, "email.from");
  if (settings.to.empty()) throw Error(ErrorCode::kUsage, "Name at least one address.", {.field = "email.to"});
  for (const auto& address : settings.to) check_address(address, "email.to");
  if (settings.security == "none" && !settings.user.empty()) {
    throw Error(ErrorCode::kUsage, "A password is not sent without TLS.", {.field = "email.security"});
  }
}

DeliveryOutcome deliver(const WebhookSettings& settings, const Secret& secret, const std::string& id,
                        const std::string& message, const security::AddressPolicy& policy) {
  try {
    const auto url = parsed_url(settings.url);
    const auto port = part_of_url(url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
    const auto pinned = security::pin(without_brackets(part_of_url(url.get(), CURLUPART_HOST)),
                                      static_cast<std::uint16_t>(std::stoi(port)), policy);
    Lines resolve;
    resolve.add(pinned.curl_resolve());
    const auto handle = pinned_handle(pinned, resolve);
    CURL* curl = handle.get();
    const auto timestamp = std::to_string(std::time(nullptr));
    Lines headers;
    headers.add("Content-Type: application/json");
    headers.add("User-Agent: Millrace");
    headers.add("Expect:");
    headers.add("X-Millrace-Delivery: " + id);
    headers.add("X-Millrace-Timestamp: " + timestamp);
    headers.add("X-Millrace-Signature: " + webhook_signature(secret, timestamp, message));
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_URL, settings.url.c_str());
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, message.c_str());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(message.size()));
    if (const auto code = curl_easy_perform(curl); code != CURLE_OK) return failure(code);
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    return {status >= 200 && status < 300, "HTTP " + std::to_string(status)};
  } catch (const Error& error) {
    return refused(error);
  }
}

DeliveryOutcome deliver(const EmailSettings& settings, const Secret& password, const std::string& id,
                        const std::string& message, const security::AddressPolicy& policy) {
  try {
    const auto pinned = security::pin(settings.host, settings.port, policy);
    Lines resolve;
    resolve.add(pinned.curl_resolve());
    const auto handle = pinned_handle(pinned, resolve);
    CURL* curl = handle.get();
    const bool tls = settings.security == "tls";
    const auto host = settings.host.find(':') == std::string::npos ? settings.host : "[" + settings.host + "]";
    const auto url = fmt::format("{}://{}:{}", tls ? "smtps" : "smtp", host, settings.port);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_USE_SSL,
                     static_cast<long>(settings.security == "none" ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    if (!settings.user.empty()) {
      curl_easy_setopt(curl, CURLOPT_USERNAME, settings.user.c_str());
      curl_easy_setopt(curl, CURLOPT_PASSWORD, password.reveal().c_str());
    }
    const auto sender = "<" + settings.from + ">";
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, sender.c_str());
    Lines recipients;
    for (const auto& address : settings.to) recipients.add("<" + address + ">");
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients.get());
    const auto mail = mail_text(settings, id, message);
    Upload upload{&mail};
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
    curl_easy_setopt(curl, CURLOPT_READDATA, &upload);
    if (const auto code = curl_easy_perform(curl); code != CURLE_OK) return failure(code);
    return {true, "the mail server took it"};
  } catch (const Error& error) {
    return refused(error);
  }
}

}  // namespace millrace::server
