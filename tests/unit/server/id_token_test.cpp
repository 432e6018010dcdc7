#include "server/id_token.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/error.hpp"

namespace millrace::server {
namespace {

using nlohmann::json;

const IdTokenWanted kWanted{
    .issuer = "https://id.example", .client_id = "millrace", .nonce = "n-1", .now_s = 1'700'000'000};

json honest() {
  return {{"iss", "https://id.example"}, {"aud", "millrace"},   {"sub", "4711"}, {"nonce", "n-1"},
          {"iat", 1'700'000'000},        {"exp", 1'700'003'600}};
}

bool taken(const json& claims) {
  try {
    check_id_token(claims, kWanted);
    return true;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kOidcInvalid);
    return false;
  }
}

json with(const char* claim, const json& value) {
  auto claims = honest();
  claims[claim] = value;
  return claims;
}

TEST(IdToken, IsTakenWhenItSaysAllThatIsWanted) {
  EXPECT_TRUE(taken(honest()));
  EXPECT_TRUE(taken(with("aud", json::array({"millrace"}))));
  EXPECT_TRUE(taken(with("exp", 1'699'999'990))) << "clocks differ by some seconds";
  EXPECT_TRUE(taken(with("iat", 1'700'000'050)));
  auto several = with("aud", json::array({"other", "millrace"}));
  several["azp"] = "millrace";
  EXPECT_TRUE(taken(several));
}

TEST(IdToken, IsRefusedForEachClaimThatIsNot) {
  for (const char* claim : {"iss", "aud", "sub", "nonce", "iat", "exp"}) {
    auto claims = honest();
    claims.erase(claim);
    EXPECT_FALSE(taken(claims)) << claim << " is missing";
  }
  EXPECT_FALSE(taken(with("iss", "https://id.example/")));
  EXPECT_FALSE(taken(with("aud", "other")));
  EXPECT_FALSE(taken(with("aud", json::array()))) << "an audience of nobody";
  EXPECT_FALSE(taken(with("aud", json::array({"other", "millrace"})))) << "for whom of them it was made is not said";
  EXPECT_FALSE(taken(with("azp", "other")));
  EXPECT_FALSE(taken(with("sub", "")));
  EXPECT_FALSE(taken(with("sub", 4711)));
  EXPECT_FALSE(taken(with("nonce", "n-2")));
  EXPECT_FALSE(taken(with("exp", 1'699'999'000)));
  EXPECT_FALSE(taken(with("exp", "1700003600")));
  EXPECT_FALSE(taken(with("exp", 1e300)));
  EXPECT_FALSE(taken(with("iat", 1'700'000'100)));
  EXPECT_FALSE(taken(with("iat", 1'699'990'000)));
  EXPECT_FALSE(taken(with("nbf", 1'700'000'100)));
}

}  // namespace
}  // namespace millrace::server
