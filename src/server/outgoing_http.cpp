#include "server/outgoing_http.hpp"

#include <curl/curl.h>

#include <memory>

#include "support/curl_handles.hpp"
#include "support/curl_pin.hpp"
#include "support/error.hpp"

namespace millrace::server {
namespace {

constexpr long kTimeoutMs = 10'000;
constexpr long kConnectTimeoutMs = 5'000;
constexpr std::size_t kLongestBody = 1024 * 1024;

std::size_t collect(char* data, std::size_t size, std::size_t count, void* state) {
  auto& body = *static_cast<std::string*>(state);
  // Anything but the whole ends the transfer.
  if (body.size() + size * count > kLongestBody) return 0;
  body.append(data, size * count);
  return size * count;
}

CurlList header_list(const std::vector<std::string>& headers) {
  CurlList list;
  for (const auto& header : headers) {
    auto* longer = curl_slist_append(list.get(), header.c_str());
    if (longer == nullptr) throw Error(ErrorCode::kInternal, "libcurl gave no list.");
    (void)list.release();
    list.reset(longer);
  }
  return list;
}

}  // namespace

std::string form_encoded(const std::string& text) {
  const std::unique_ptr<char, decltype(&curl_free)> safe(
      curl_easy_escape(nullptr, text.c_str(), static_cast<int>(text.size())), &curl_free);
  return safe ? safe.get() : "";
}

OutgoingAnswer send_out(const OutgoingRequest& request, const HostGuard& guard) {
  const auto handle = make_curl_easy();
  CURL* curl = handle.get();
  const CurlList pinned = pinned_addresses(request.url, guard);
  const CurlList headers = header_list(request.headers);
  OutgoingAnswer answer;
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_RESOLVE, pinned.get());
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, kTimeoutMs);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeoutMs);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "Millrace");
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer.body);
  if (!request.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, request.ca_file.c_str());
  if (!request.form.empty()) {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.form.data());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.form.size()));
  }
  if (!request.user.empty()) {
    curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    curl_easy_setopt(curl, CURLOPT_USERNAME, request.user.c_str());
    curl_easy_setopt(curl, CURLOPT_PASSWORD, request.password.reveal().c_str());
  } else if (!request.bearer.empty()) {
    curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
    curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, request.bearer.reveal().c_str());
  }
  if (const auto code = curl_easy_perform(curl); code != CURLE_OK) {
    throw Error(ErrorCode::kOidcUnavailable, "The identity provider gave no answer.").because(curl_easy_strerror(code));
  }
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
  return answer;
}

}  // namespace millrace::server
