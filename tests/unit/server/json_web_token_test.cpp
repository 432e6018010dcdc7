#include "server/json_web_token.hpp"

#include <cjose/cjose.h>
#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "security/random.hpp"
#include "support/error.hpp"

namespace millrace::server {
namespace {

using nlohmann::json;

/// A key with its private part, as a provider has it.
class Signer {
 public:
  static Signer rsa(const std::string& id, std::size_t bits = 2048) {
    cjose_err failure{};
    return Signer(cjose_jwk_create_RSA_random(bits, nullptr, 0, &failure), id, "RS256");
  }
  static Signer ec(const std::string& id) {
    cjose_err failure{};
    return Signer(cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, &failure), id, "ES256");
  }

  /// The public part.
  json open() const {
    cjose_err failure{};
    const std::unique_ptr<char, decltype(&free)> text(cjose_jwk_to_json(key_.get(), false, &failure), &free);
    auto key = json::parse(text.get());
    if (!id_.empty()) key["kid"] = id_;
    return key;
  }

  std::string sign(const json& claims, const char* algorithm = nullptr) const {
    cjose_err failure{};
    const std::unique_ptr<cjose_header_t, decltype(&cjose_header_release)> header(cjose_header_new(&failure),
                                                                                  &cjose_header_release);
    cjose_header_set(header.get(), CJOSE_HDR_ALG, algorithm == nullptr ? algorithm_ : algorithm, &failure);
    if (!id_.empty()) cjose_header_set(header.get(), CJOSE_HDR_KID, id_.c_str(), &failure);
    const auto text = claims.dump();
    const std::unique_ptr<cjose_jws_t, decltype(&cjose_jws_release)> token(
        cjose_jws_sign(key_.get(), header.get(), reinterpret_cast<const std::uint8_t*>(text.data()), text.size(),
                       &failure),
        &cjose_jws_release);
    const char* compact = nullptr;
    EXPECT_TRUE(token && cjose_jws_export(token.get(), &compact, &failure)) << failure.message;
    return compact == nullptr ? "" : compact;
  }

 private:
  Signer(cjose_jwk_t* key, std::string id, const char* algorithm)
      : key_(key, &cjose_jwk_release), id_(std::move(id)), algorithm_(algorithm) {}
  std::shared_ptr<cjose_jwk_t> key_;
  std::string id_;
  const char* algorithm_;
};

const json kClaims{{"sub", "4711"}};

/// "signed", "unknown key" or "refused".
std::string verdict(const std::string& token, const json& keys) {
  json claims;
  try {
    if (verify_token(token, keys, claims) == TokenVerdict::kUnknownKey) return "unknown key";
    EXPECT_EQ(claims, kClaims);
    return "signed";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kOidcInvalid);
    return "refused";
  }
}

std::string unsigned_token(const json& header) {
  return security::to_base64url(header.dump()) + "." + security::to_base64url(kClaims.dump()) + ".";
}

TEST(JsonWebToken, IsSignedByAKeyOfTheSet) {
  const auto rsa = Signer::rsa("r");
  const auto ec = Signer::ec("e");
  const json keys = {rsa.open(), ec.open()};
  EXPECT_EQ(verdict(rsa.sign(kClaims), keys), "signed");
  EXPECT_EQ(verdict(ec.sign(kClaims), keys), "signed");
  EXPECT_EQ(verdict(Signer::rsa("new").sign(kClaims), keys), "unknown key");
  EXPECT_EQ(verdict(rsa.sign(kClaims), json::array()), "unknown key");
  const auto nameless = Signer::ec("");
  EXPECT_EQ(verdict(nameless.sign(kClaims), {rsa.open(), ec.open(), nameless.open()}), "signed");
}

TEST(JsonWebToken, AnotherKeyOfTheSameNameProvesNothing) {
  EXPECT_EQ(verdict(Signer::rsa("r").sign(kClaims), json::array({Signer::rsa("r").open()})), "refused");
  EXPECT_EQ(verdict(Signer::ec("e").sign(kClaims), json::array({Signer::ec("e").open()})), "refused");
}

TEST(JsonWebToken, WhatItSaysOfItselfChoosesNoWeakerWay) {
  const auto rsa = Signer::rsa("r");
  const json keys = json::array({rsa.open()});
  EXPECT_EQ(verdict(unsigned_token({{"alg", "none"}}), keys), "refused");
  EXPECT_EQ(verdict(unsigned_token({{"alg", "RS256"}, {"kid", "r"}}), keys), "refused");
  EXPECT_EQ(verdict(unsigned_token({{"alg", "HS256"}, {"kid", "r"}}), keys), "refused");
  EXPECT_EQ(verdict(rsa.sign(kClaims, "RS512"), keys), "refused");
  EXPECT_EQ(verdict(rsa.sign(kClaims, "PS256"), keys), "refused");
  auto for_encryption = rsa.open();
  for_encryption["use"] = "enc";
  EXPECT_EQ(verdict(rsa.sign(kClaims), json::array({for_encryption})), "unknown key");
  const auto small = Signer::rsa("s", 1024);
  EXPECT_EQ(verdict(small.sign(kClaims), json::array({small.open()})), "unknown key") << "too small to be one";
  auto header = json{{"alg", "RS256"}, {"kid", "r"}, {"crit", {"exp"}}};
  EXPECT_EQ(verdict(unsigned_token(header), keys), "refused");
}

TEST(JsonWebToken, AnyTextIsRefusedCalmly) {
  const auto rsa = Signer::rsa("r");
  const json keys = json::array({rsa.open()});
  auto token = rsa.sign(kClaims);
  for (const std::string text : {"", ".", "..", "a.b.c", "a.b.c.d", "eyJ9.eyJ9.x"})
    EXPECT_EQ(verdict(text, keys), "refused");
  for (std::size_t cut = 0; cut < token.size(); cut += 7) EXPECT_NE(verdict(token.substr(0, cut), keys), "signed");
  const auto body = token.find('.') + 2;
  token[body] = token[body] == 'A' ? 'B' : 'A';
  EXPECT_EQ(verdict(token, keys), "refused");
  EXPECT_EQ(verdict(std::string(100'000, 'A'), keys), "refused");
}

}  // namespace
}  // namespace millrace::server
