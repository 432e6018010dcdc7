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

}  // namespace millrace
