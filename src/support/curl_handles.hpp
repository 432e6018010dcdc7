#pragma once

#include <curl/curl.h>

#include <memory>
#include <string>

namespace millrace {

// Handles of libcurl that free themselves.

struct CurlEasyCleanup {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct CurlUrlCleanup {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
struct CurlListFree {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

using CurlEasy = std::unique_ptr<CURL, CurlEasyCleanup>;
using CurlUrl = std::unique_ptr<CURLU, CurlUrlCleanup>;
using CurlList = std::unique_ptr<curl_slist, CurlListFree>;

/// A handle for transfers; initializes the library before the first. Throws Error kInternal. Thread-safe.
CurlEasy make_curl_easy();

/// A part of a URL as curl_url_get gives it, by its flags; empty where the URL has none.
std::string part_of_url(CURLU* url, CURLUPart part, unsigned flags = 0);

}  // namespace millrace
