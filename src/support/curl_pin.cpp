#include "support/curl_pin.hpp"

#include <cstdint>
#include <cstdlib>

#include "support/error.hpp"

namespace millrace {
namespace {

std::string bracketed(const std::string& address) {
  return address.find(':') == std::string::npos ? address : "[" + address + "]";
}

}  // namespace

CurlList pinned_addresses(const std::string& url, const HostGuard& guard) {
  if (!guard) return {};
  const CurlUrl parsed(curl_url());
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) {
    throw Error(ErrorCode::kUsage, "The URL cannot be read.", {.field = "url"});
  }
  const auto host = part_of_url(parsed.get(), CURLUPART_HOST, CURLU_DEFAULT_PORT);
  const auto port = part_of_url(parsed.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  const bool v6 = host.size() > 2 && host.front() == '[' && host.back() == ']';
  std::string entry = host + ":" + port + ":";
  const char* divider = "";
  for (const auto& address : guard(v6 ? host.substr(1, host.size() - 2) : host,
                                   static_cast<std::uint16_t>(std::strtoul(port.c_str(), nullptr, 10)))) {
    entry += divider + bracketed(address);
    divider = ",";
  }
  return CurlList(curl_slist_append(nullptr, entry.c_str()));
}

}  // namespace millrace
