#include "support/curl_handles.hpp"

#include <mutex>

#include "support/error.hpp"

namespace millrace {

CurlEasy make_curl_easy() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  CurlEasy easy(curl_easy_init());
  if (!easy) throw Error(ErrorCode::kInternal, "libcurl cannot be initialized.");
  return easy;
}

std::string part_of_url(CURLU* url, CURLUPart part, unsigned flags) {
  char* raw = nullptr;
  if (curl_url_get(url, part, &raw, flags) != CURLUE_OK) return {};
  std::string text(raw);
  curl_free(raw);
  return text;
}

}  // namespace millrace
