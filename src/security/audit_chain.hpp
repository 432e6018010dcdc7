#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace millrace::security {

/// One line of the audit log: who did what to what, from where, and how it ended. Never holds a secret.
struct AuditRecord {
  std::int64_t sequence = 0;  ///< from 1, without gaps
  std::int64_t time_ms = 0;
  std::string tenant = {};  ///< id; empty: of the server as a whole
  std::string actor =
      {};              ///< "user:<name>", "key:<id>", "local:<uid>", "millrace"; failed sign-ins: "user:<name given>"
  std::string action;  ///< "session.sign_in", "pipeline.create", "secret.use", ..
  std::string object = {};    ///< "pipeline/<name>", "connection/<id>", ..
  std::string outcome = {};   ///< "ok" | "denied" | "failed"
  std::string address = {};   ///< of the client
  std::string details = {};   ///< JSON, or empty
  std::string previous = {};  ///< hash of the line before
  std::string hash = {};      ///< of this line
};

/// The newest line; sequence 0 and kChainBeginning when there is none.
struct ChainHead {
  std::int64_t sequence = 0;
  std::string hash;
};

/// What the first line's `previous` is: 64 zeros.
extern const std::string kChainBeginning;

/// BLAKE2b-256 in hex over every member but `hash`, each with its length in front, so that no two lines have the same
/// bytes.
std::string chain_hash(const AuditRecord& record);

/// Feeds on the lines in order and says what is wrong with the first that does not fit.
class ChainVerifier {
 public:
  struct Fault {
    std::int64_t sequence;
    std::string what;
  };
  std::optional<Fault> check(const AuditRecord& record);
  /// After the last line: whether the log ends where its head says. A removed tail is found only by this, or by a
  /// head that was noted outside the store.
  std::optional<Fault> finish(const ChainHead& head) const;
  std::int64_t checked() const { return expected_ - 1; }
  const std::string& last_hash() const { return previous_; }

 private:
  std::int64_t expected_ = 1;
  std::string previous_ = kChainBeginning;
};

}  // namespace millrace::security
