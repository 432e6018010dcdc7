#include "security/audit_chain.hpp"

#include <initializer_list>

#include "security/random.hpp"

namespace millrace::security {
namespace {

void add(std::string& canonical, const std::string& member) {
  canonical += std::to_string(member.size());
  canonical += ':';
  canonical += member;
}

}  // namespace

const std::string kChainBeginning(64, '0');

std::string chain_hash(const AuditRecord& record) {
  std::string canonical = "millrace-audit-1\n";
  add(canonical, std::to_string(record.sequence));
  add(canonical, std::to_string(record.time_ms));
  for (const auto* member : {&record.tenant, &record.actor, &record.action, &record.object, &record.outcome,
                             &record.address, &record.details, &record.previous}) {
    add(canonical, *member);
  }
  return fingerprint(canonical);
}

std::optional<ChainVerifier::Fault> ChainVerifier::check(const AuditRecord& record) {
  if (record.sequence > expected_) {
    return Fault{expected_, "lines " + std::to_string(expected_) + " to " + std::to_string(record.sequence - 1) +
                                " were removed or moved"};
  }
  if (record.sequence < expected_) return Fault{record.sequence, "the line is out of order"};
  if (record.previous != previous_) return Fault{record.sequence, "the line does not follow the one before it"};
  if (record.hash != chain_hash(record)) return Fault{record.sequence, "the line was changed"};
  previous_ = record.hash;
  ++expected_;
  return std::nullopt;
}

std::optional<ChainVerifier::Fault> ChainVerifier::finish(const ChainHead& head) const {
  if (head.sequence >= expected_) {
    return Fault{expected_, "lines " + std::to_string(expected_) + " to " + std::to_string(head.sequence) +
                                " were removed from the end"};
  }
  if (head.sequence < expected_ - 1) return Fault{head.sequence + 1, "lines were added that the head does not know"};
  if (head.hash != previous_) return Fault{head.sequence, "the last line is not the one that the head names"};
  return std::nullopt;
}

}  // namespace millrace::security
