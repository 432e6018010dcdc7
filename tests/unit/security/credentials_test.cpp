#include <gtest/gtest.h>

#include "security/audit_chain.hpp"
#include "security/passwords.hpp"
#include "security/random.hpp"
#include "security/roles.hpp"
#include "security/throttle.hpp"
#include "security/tokens.hpp"

namespace millrace::security {
namespace {

constexpr PasswordCost kCheap{.memory_bytes = std::size_t{8} << 20, .passes = 1};

TEST(Passwords, OnlyTheRightOneIsVerified) {
  const auto hash = hash_password(Secret("correct horse"), kCheap);
  EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=8192,t=1,p=1$"));
  EXPECT_TRUE(verify_password(hash, Secret("correct horse")));
  EXPECT_FALSE(verify_password(hash, Secret("correct horsE")));
  EXPECT_FALSE(verify_password("", Secret("")));
  EXPECT_FALSE(verify_password(std::string(500, '$'), Secret("x")));
  EXPECT_FALSE(needs_rehash(hash, kCheap));
  EXPECT_TRUE(needs_rehash(hash));
}

TEST(Passwords, TheDefaultCostIsAboveTheFloor) {
  EXPECT_GE(PasswordCost{}.memory_bytes, std::size_t{19} << 20);
  EXPECT_GE(PasswordCost{}.passes, 2U);
}

TEST(Passwords, WeakOnesAreRefused) {
  for (const char* text : {"", "short", "aaaaaaaaaaaaaa", "Administrator"}) {
    EXPECT_THROW(check_new_password(Secret(text), "administrator"), Error) << text;
  }
  check_new_password(Secret("several words do"), "administrator");
}

TEST(Tokens, AKeyIsParsedToWhatWasStored) {
  const auto key = mint_api_key();
  const auto parsed = parse_api_key(key.whole.reveal());
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->id, key.id);
  EXPECT_EQ(parsed->hash, key.hash);
  for (const std::string& bad :
       {std::string(), std::string("millrace_"), key.whole.reveal() + "a", "x" + key.whole.reveal()}) {
    EXPECT_FALSE(parse_api_key(bad)) << bad;
  }
}

TEST(Tokens, TheCsrfTokenBelongsToItsSession) {
  const auto token = new_session_token();
  EXPECT_TRUE(csrf_matches(token.reveal(), csrf_token(token.reveal()).reveal()));
  EXPECT_FALSE(csrf_matches(new_session_token().reveal(), csrf_token(token.reveal()).reveal()));
  EXPECT_FALSE(csrf_matches(token.reveal(), ""));
  EXPECT_NE(session_hash(token.reveal()), csrf_token(token.reveal()).reveal());
}

TEST(Roles, EachHasTheRightsOfThoseBefore) {
  for (const auto& row : permission_table()) {
    EXPECT_EQ(permission_from(row.name), row.permission);
    EXPECT_LE(allows(Role::kViewer, row.permission), allows(Role::kOperator, row.permission)) << row.name;
    EXPECT_LE(allows(Role::kOperator, row.permission), allows(Role::kAdmin, row.permission)) << row.name;
    EXPECT_EQ(allows(Role::kAdmin, row.permission), row.least != Least::kServerAdmin) << row.name;
    EXPECT_FALSE(allowed(Actor{}, row.permission)) << row.name;
  }
  EXPECT_FALSE(allows(Role::kViewer, Permission::kPipelinesOperate));
  EXPECT_TRUE(allows(Role::kOperator, Permission::kPipelinesOperate));
}

TEST(Roles, ScopesNarrow) {
  Actor actor{.tenant = "t", .role = Role::kAdmin};
  EXPECT_TRUE(allowed(actor, Permission::kPipelinesDelete));
  actor.scopes.emplace({Permission::kPipelinesRead, Permission::kUsersWrite});
  EXPECT_TRUE(allowed(actor, Permission::kPipelinesRead));
  EXPECT_FALSE(allowed(actor, Permission::kPipelinesDelete));
  EXPECT_FALSE(allowed(actor, Permission::kUsersWrite));
  EXPECT_THROW(require(actor, Permission::kPipelinesDelete), Error);
}

TEST(Throttle, BlocksLongerAndLongerAndForgets) {
  FailureCount count;
  for (int i = 0; i < 5; ++i) count = after_failure(count, kAccountThrottle, 1000);
  EXPECT_EQ(wait_of(count, 1000).count(), 0);
  count = after_failure(count, kAccountThrottle, 1000);
  EXPECT_EQ(wait_of(count, 1000).count(), 1000);
  count = after_failure(count, kAccountThrottle, 2000);
  EXPECT_EQ(wait_of(count, 2000).count(), 2000);
  for (int i = 0; i < 100; ++i) count = after_failure(count, kAccountThrottle, 3000);
  EXPECT_EQ(wait_of(count, 3000), std::chrono::minutes(15));
  EXPECT_EQ(after_failure(count, kAccountThrottle, 3000 + 3'600'001).failures, 1);
}

TEST(AuditChain, FindsWhatWasChangedRemovedOrMoved) {
  std::vector<AuditRecord> log;
  std::string previous = kChainBeginning;
  for (int i = 1; i <= 4; ++i) {
    AuditRecord record{.sequence = i, .time_ms = i, .actor = "user:a", .action = "x", .previous = previous};
    previous = record.hash = chain_hash(record);
    log.push_back(record);
  }
  const ChainHead head{4, previous};
  const auto fault = [&](const std::vector<AuditRecord>& lines) -> std::int64_t {
    ChainVerifier verifier;
    for (const auto& line : lines) {
      if (const auto found = verifier.check(line)) return found->sequence;
    }
    const auto found = verifier.finish(head);
    return found ? found->sequence : 0;
  };
  EXPECT_EQ(fault(log), 0);
  auto changed = log;
  changed[1].actor = "user:b";
  EXPECT_EQ(fault(changed), 2);
  changed[1].hash = chain_hash(changed[1]);
  EXPECT_EQ(fault(changed), 3);
  auto removed = log;
  removed.erase(removed.begin() + 1);
  EXPECT_EQ(fault(removed), 2);
  auto moved = log;
  std::swap(moved[1], moved[2]);
  EXPECT_NE(fault(moved), 0);
  auto shorter = log;
  shorter.pop_back();
  EXPECT_EQ(fault(shorter), 4);
  // What moves from one member to the next is another line.
  EXPECT_NE(chain_hash({.actor = "ab", .action = "c"}), chain_hash({.actor = "a", .action = "bc"}));
}

}  // namespace
}  // namespace millrace::security
