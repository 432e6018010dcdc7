#include "ingestion/http_transport.hpp"

#include <curl/curl.h>

#include "support/curl_handles.hpp"
#include "support/curl_pin.hpp"
#include "support/error.hpp"
#include "support/loopback.hpp"

namespace millrace::ingestion {
namespace {

std::size_t collect(char* data, std::size_t size, std::size_t count, void* body) {
  static_cast<std::string*>(body)->append(data, size * count);
  return size * count;
}

int stop_when_asked(void* token, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::stop_token*>(token)->stop_requested() ? 1 : 0;
}

class CurlTransport : public HttpTransport {
 public:
  explicit CurlTransport(const pipeline::ConnectEndpoint& endpoint) : endpoint_(endpoint), base_(endpoint.url) {
    while (!base_.empty() && base_.back() == '/') base_.pop_back();
    if (!base_.starts_with("http://") && !base_.starts_with("https://")) {
      throw Error(ErrorCode::kUsage, "The Kafka Connect URL must begin with http:// or https://.",
                  {.field = "connect-url"});
    }
    handle_ = make_curl_easy();
  }

  HttpResponse send(const HttpRequest& request, const std::stop_token& stop) override {
    CURL* curl = handle_.get();
    curl_easy_reset(curl);
    HttpResponse response;
    const std::string url = base_ + request.path;
    const CurlList headers(build_headers());
    const CurlList pinned = pin();
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
    if (!request.body.empty()) {
      curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.data());
      curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    }
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &response.body);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, 10'000L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    // A proxy of the environment cannot reach this machine's own loopback.
    curl_easy_setopt(curl, CURLOPT_NOPROXY, no_proxy());
    if (endpoint_.guard) {
      // What was judged is dialled; a proxy would look the name up by itself.
      curl_easy_setopt(curl, CURLOPT_RESOLVE, pinned.get());
      curl_easy_setopt(curl, CURLOPT_PROXY, "");
    }
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, stop_when_asked);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &stop);
    set_security(curl);
    char reason[CURL_ERROR_SIZE] = "";
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
    const CURLcode code = curl_easy_perform(curl);
    if (code == CURLE_ABORTED_BY_CALLBACK) throw Error(ErrorCode::kInterrupted, "Stopped on request.");
    if (code != CURLE_OK) {
      throw Error(ErrorCode::kConnectUnreachable, "No answer from Kafka Connect at " + redact_urls(base_) + ".",
                  {.field = "connect-url"})
          .because(redact(*reason == '\0' ? curl_easy_strerror(code) : reason, endpoint_.password));
    }
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &response.status);
    return response;
  }

 private:
  curl_slist* build_headers() const {
    curl_slist* list = curl_slist_append(nullptr, "Content-Type: application/json");
    list = curl_slist_append(list, "Accept: application/json");
    list = curl_slist_append(list, "Expect:");
    return list;
  }

  /// Throws Error as the guard does.
  CurlList pin() const {
    try {
      return pinned_addresses(base_, endpoint_.guard);
    } catch (const Error& error) {
      throw Error(error.code(), error.message(), {.field = "connect-url"}).suggest(error.suggestion());
    }
  }

  const char* no_proxy() const {
    const CurlUrl url(curl_url());
    if (curl_url_set(url.get(), CURLUPART_URL, base_.c_str(), 0) != CURLUE_OK) return nullptr;
    return is_loopback(part_of_url(url.get(), CURLUPART_HOST)) ? "*" : nullptr;
  }

  void set_security(CURL* curl) const {
    if (!endpoint_.token.empty()) {
      curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
      curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, endpoint_.token.reveal().c_str());
    } else if (!endpoint_.user.empty()) {
      curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
      curl_easy_setopt(curl, CURLOPT_USERNAME, endpoint_.user.c_str());
      curl_easy_setopt(curl, CURLOPT_PASSWORD, endpoint_.password.reveal().c_str());
    }
    if (!endpoint_.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, endpoint_.ca_file.c_str());
    if (!endpoint_.client_cert_file.empty())
      curl_easy_setopt(curl, CURLOPT_SSLCERT, endpoint_.client_cert_file.c_str());
    if (!endpoint_.client_key_file.empty()) curl_easy_setopt(curl, CURLOPT_SSLKEY, endpoint_.client_key_file.c_str());
  }

  pipeline::ConnectEndpoint endpoint_;
  std::string base_;
  CurlEasy handle_;
};

}  // namespace

std::unique_ptr<HttpTransport> make_curl_transport(const pipeline::ConnectEndpoint& endpoint) {
  return std::make_unique<CurlTransport>(endpoint);
}

}  // namespace millrace::ingestion
