#include "cli/server_client.hpp"

#include <algorithm>
#include <cctype>

#include "cli/answer_reading.hpp"
#include "support/curl_handles.hpp"
#include "support/error.hpp"
#include "support/loopback.hpp"

namespace millrace::cli {
namespace {

using nlohmann::ordered_json;

// A plan or a delete waits for both databases and the connectors.
constexpr long kLongestMs = 15L * 60 * 1000;
constexpr long kConnectMs = 10'000;
constexpr std::size_t kLargestAnswer = std::size_t{64} << 20;
constexpr long kFirstFault = 300;

struct Reception {
  std::string body;
  std::string etag;
};

std::size_t collect(char* data, std::size_t size, std::size_t count, void* reception) {
  auto& text = static_cast<Reception*>(reception)->body;
  if (text.size() + size * count > kLargestAnswer) return 0;
  text.append(data, size * count);
  return size * count;
}

std::size_t collect_header(char* data, std::size_t size, std::size_t count, void* reception) {
  constexpr std::string_view kName = "etag:";
  std::string line(data, size * count);
  std::string head = line.substr(0, kName.size());
  std::transform(head.begin(), head.end(), head.begin(), [](unsigned char c) { return std::tolower(c); });
  if (head == kName) {
    const auto first = line.find_first_not_of(" \t", kName.size());
    const auto last = line.find_last_not_of(" \t\r\n");
    if (first != std::string::npos && last >= first) {
      static_cast<Reception*>(reception)->etag = line.substr(first, last - first + 1);
    }
  }
  return size * count;
}

int stop_when_asked(void* token, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::stop_token*>(token)->stop_requested() ? 1 : 0;
}

Error no_url() {
  return Error(ErrorCode::kUsage, "A server is named by a URL like https://millrace.example:8443.",
               {.field = "server"});
}

CurlUrl parsed(const std::string& text) {
  CurlUrl url(curl_url());
  if (!text.starts_with("http://") && !text.starts_with("https://")) throw no_url();
  if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) throw no_url();
  return url;
}

void append(CurlList& list, const std::string& line) {
  list.reset(curl_slist_append(list.release(), line.c_str()));
}

}  // namespace

std::string server_url(const std::string& text) {
  std::string server = text;
  while (!server.empty() && server.back() == '/') server.pop_back();
  const auto url = parsed(server);
  if (!part_of_url(url.get(), CURLUPART_USER).empty() || !part_of_url(url.get(), CURLUPART_PASSWORD).empty()) {
    throw Error(ErrorCode::kUsage, "A server's URL holds no user and no password.", {.field = "server"})
        .suggest("millrace login --user NAME; it asks for the password.");
  }
  if (!part_of_url(url.get(), CURLUPART_QUERY).empty() || !part_of_url(url.get(), CURLUPART_FRAGMENT).empty())
    throw no_url();
  return server;
}

struct ServerClient::Handle {
  CurlEasy curl = make_curl_easy();
};

ServerClient::ServerClient(ServerContext context) : context_(std::move(context)), handle_(new Handle) {
  context_.server = server_url(context_.server);
  const auto host = part_of_url(parsed(context_.server).get(), CURLUPART_HOST);
  if (context_.server.starts_with("http://") && !is_loopback(host) && !context_.insecure_http) {
    throw Error(ErrorCode::kUsage, "http:// would send the key of " + context_.server + " in the clear.",
                {.field = "server"})
        .suggest("Use https://, or say --insecure-http when the way there is safe.");
  }
  CURL* curl = handle_->curl.get();
  // Cookies are kept in memory alone.
  curl_easy_setopt(curl, CURLOPT_COOKIEFILE, "");
  // A proxy of the environment cannot reach this machine's own loopback.
  if (is_loopback(host)) curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, collect_header);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, kLongestMs);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, kConnectMs);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  // A redirect would carry the key to another place.
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, stop_when_asked);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "millrace/" MILLRACE_VERSION);
  if (!context_.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, context_.ca_file.c_str());
}

ServerClient::~ServerClient() = default;

ServerAnswer ServerClient::send(const std::string& method, const std::string& path, const ordered_json& body,
                                const Headers& headers, const std::stop_token& stop) {
  CURL* curl = handle_->curl.get();
  const auto url = context_.server + "/api/v1" + path;
  const bool has_body = !body.is_null();
  const auto sent = has_body ? body.dump(-1, ' ', false, ordered_json::error_handler_t::replace) : std::string();
  CurlList lines;
  append(lines, "Accept: application/json");
  append(lines, "Expect:");
  append(lines, has_body ? "Content-Type: application/json" : "Content-Type:");
  if (!csrf_.empty()) {
    append(lines, "X-CSRF-Token: " + csrf_.reveal());
  } else if (!context_.token.empty()) {
    append(lines, "Authorization: Bearer " + context_.token.reveal());
  }
  for (const auto& [name, value] : headers) append(lines, name + ": " + value);
  Reception reception;
  char reason[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, lines.get());
  if (method == "GET") {
    curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
  } else {
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(sent.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, sent.data());
  }
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method.c_str());
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &reception);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &reception);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &stop);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
  const CURLcode code = curl_easy_perform(curl);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, nullptr);
  if (code == CURLE_ABORTED_BY_CALLBACK) throw Error(ErrorCode::kInterrupted, "Stopped on request.");
  if (code != CURLE_OK) {
    Error failure(ErrorCode::kServerUnreachable, "No answer from the server " + context_.server + ".",
                  {.field = "server"});
    failure.because(*reason == '\0' ? curl_easy_strerror(code) : reason);
    if (code == CURLE_PEER_FAILED_VERIFICATION) {
      failure.suggest("Name the authority that signed the server's certificate by --ca-file.");
    }
    throw failure;
  }
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  auto document = reception.body.empty() ? ordered_json(nullptr) : ordered_json::parse(reception.body, nullptr, false);
  if (status >= kFirstFault && document.is_object() && document.contains("code")) throw read_problem(document);
  if (status >= kFirstFault || document.is_discarded()) {
    throw Error(ErrorCode::kServerUnreachable,
                "What answers at " + context_.server + " (status " + std::to_string(status) + ") is no Millrace.",
                {.field = "server"});
  }
  return {std::move(document), std::move(reception.etag)};
}

ordered_json ServerClient::list(const std::string& path, std::size_t most, const std::stop_token& stop) {
  constexpr std::size_t kPage = 1000;
  ordered_json all = ordered_json::array();
  std::string token;
  do {
    const auto size = most == 0 ? kPage : std::min(kPage, most - all.size());
    auto page = get(path + (path.find('?') == std::string::npos ? "?" : "&") + "pageSize=" + std::to_string(size) +
                        (token.empty() ? "" : "&pageToken=" + url_part(token)),
                    stop);
    for (auto& item : page["items"]) all.push_back(std::move(item));
    token = page.value("nextPageToken", "");
  } while (!token.empty() && (most == 0 || all.size() < most));
  return all;
}

void ServerClient::sign_in(const std::string& user, const Secret& password, const std::stop_token& stop) {
  context_.token = {};
  const auto answer = post("/auth/login", {{"user", user}, {"password", password.reveal()}}, stop);
  csrf_ = Secret(answer.value("csrfToken", ""));
}

void ServerClient::sign_out() {
  post("/auth/logout", nullptr, {});
  csrf_ = {};
}

ordered_json ServerClient::choose_tenant(const std::string& id, const std::stop_token& stop) {
  auto me = post("/auth/tenant", {{"tenant", id}}, stop);
  csrf_ = Secret(me.value("csrfToken", ""));
  return me;
}

std::string url_part(const std::string& text) {
  constexpr const char* kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.' || c == '~') {
      encoded += c;
    } else {
      encoded += {'%', kDigits[byte >> 4U], kDigits[byte & 0xFU]};
    }
  }
  return encoded;
}

}  // namespace millrace::cli
