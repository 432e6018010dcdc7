#include "replication/table_catalog.hpp"

namespace millrace::replication {

OldRowsValue judge_old_rows(const DefaultFacts& facts) {
  using Known = OldRowsValue::Known;
  if (facts.missing) return {Known::kValue, *facts.missing};
  if (!facts.has_default) return {Known::kNull};
  // A function call: nextval, gen_random_uuid, random. Or a DEFAULT that was set later, which cannot be told from it.
  if (facts.identity || facts.expression.find('(') != std::string::npos) return {Known::kUnlogged};
  // A constant: set later, when rows hold NULL; or it was there with the column and a rewrite has taken it in.
  return {facts.rewritten ? Known::kUnlogged : Known::kNull};
}

}  // namespace millrace::replication
