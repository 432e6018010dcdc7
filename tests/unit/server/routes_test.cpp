#include "server/routes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "server/openapi.hpp"

namespace millrace::server {
namespace {

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

TEST(Routes, AreThoseOfTheDescription) {
  const auto document = nlohmann::json::parse(openapi_json());
  std::set<std::string> described;
  for (const auto& [path, operations] : document.at("paths").items()) {
    for (const auto& [method, operation] : operations.items()) described.insert(upper(method) + " " + path);
  }
  std::set<std::string> routed;
  for (const auto& route : routes()) routed.insert(route.method + " " + route.path);
  EXPECT_EQ(described, routed);
}

TEST(Routes, AskForWhatTheDescriptionSays) {
  const auto document = nlohmann::json::parse(openapi_json());
  for (const auto& route : routes()) {
    std::string method = route.method;
    std::transform(method.begin(), method.end(), method.begin(), [](unsigned char c) { return std::tolower(c); });
    const auto& operation = document.at("paths").at(route.path).at(method);
    EXPECT_EQ(route.access == Access::kPublic, operation.contains("security")) << method << ' ' << route.path;
    const std::string needed = route.access == Access::kPermitted ? std::string(to_word(route.permission)) : "";
    EXPECT_EQ(operation.value("x-permission", ""), needed) << method << ' ' << route.path;
  }
}

TEST(Routes, NameEveryPermission) {
  const auto document = nlohmann::json::parse(openapi_json());
  std::string pattern;
  for (const auto& row : security::permission_table()) {
    pattern += pattern.empty() ? "^(" : "|";
    for (const char c : row.name) pattern += c == '.' ? "\\." : std::string(1, c);
  }
  EXPECT_EQ(document.at("components").at("schemas").at("Permission").at("pattern"), pattern + ")$");
}

TEST(Routes, TakeParametersFromWholeParts) {
  const Route route{"GET", "/a/{name}/b", Access::kPublic, nullptr};
  std::map<std::string, std::string> parameters;
  EXPECT_TRUE(match(route, "/a/SHOP/b", parameters));
  EXPECT_EQ(parameters.at("name"), "SHOP");
  EXPECT_FALSE(match(route, "/a//b", parameters));
  EXPECT_FALSE(match(route, "/a/SHOP", parameters));
  EXPECT_FALSE(match(route, "/a/SHOP/b/", parameters));
}

}  // namespace
}  // namespace millrace::server
