#include "server/web_resource.hpp"

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "server/web_files.hpp"

namespace millrace::server {
namespace {

constexpr std::string_view kPage = "/index.html";
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kTypes = {{{".html", "text/html; charset=utf-8"},
                                                                                  {".js", "text/javascript"},
                                                                                  {".css", "text/css"},
                                                                                  {".svg", "image/svg+xml"},
                                                                                  {".png", "image/png"},
                                                                                  {".ico", "image/x-icon"},
                                                                                  {".json", "application/json"},
                                                                                  {".woff2", "font/woff2"}}};

std::string type_of(std::string_view path) {
  for (const auto& [ending, type] : kTypes) {
    if (path.ends_with(ending)) return std::string(type);
  }
  return "application/octet-stream";
}

Response file_response(const Request& request, std::string_view path, std::string_view content) {
  Response response{.type = type_of(path)};
  response.headers.emplace_back("Cache-Control",
                                path.starts_with("/assets/") ? "public, max-age=31536000, immutable" : "no-cache");
  const auto packed = web_files().find(std::string(path) + ".gz");
  if (packed == web_files().end()) {
    response.body = content;
    return response;
  }
  response.headers.emplace_back("Vary", "Accept-Encoding");
  const bool gzip = request.header("accept-encoding").find("gzip") != std::string::npos;
  if (gzip) response.headers.emplace_back("Content-Encoding", "gzip");
  response.body = gzip ? packed->second : content;
  return response;
}

}  // namespace

std::optional<Response> web_response(const Request& request) {
  if (request.method != "GET" && request.method != "HEAD") return std::nullopt;
  if (request.path == "/api" || request.path.starts_with("/api/")) return std::nullopt;
  const auto& files = web_files();
  if (const auto file = files.find(request.path); file != files.end() && !request.path.ends_with(".gz")) {
    return file_response(request, file->first, file->second);
  }
  const bool names_a_file = request.path.find('.', request.path.rfind('/')) != std::string::npos;
  const auto page = files.find(kPage);
  if (names_a_file || page == files.end()) return std::nullopt;
  return file_response(request, page->first, page->second);
}

}  // namespace millrace::server
