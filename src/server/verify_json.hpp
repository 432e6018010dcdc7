#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "replication/quarantine_retry.hpp"
#include "replication/verify.hpp"

namespace millrace::server {

/// VerifyResult of the API.
nlohmann::ordered_json verify_json(const std::string& pipeline, const std::vector<replication::TableVerdict>& verdicts);
bool all_equal(const std::vector<replication::TableVerdict>& verdicts);
/// "2 of 3 table(s) differ: public.orders (3 missing, 1 different), .."; for people.
std::string summary_of(const std::vector<replication::TableVerdict>& verdicts);

/// QuarantinedRow of the API. Without `values` what the row held stays unsaid.
nlohmann::ordered_json quarantined_json(const replication::QuarantineEntry& entry, bool values);
/// RetryResult of the API.
nlohmann::ordered_json retried_json(const std::string& pipeline, const std::vector<replication::RetriedRow>& rows);

}  // namespace millrace::server
