#pragma once

#include <string>
#include <vector>

#include "store/backend.hpp"

namespace millrace::store {

/// A row as a store of versions `first` to `last` holds it, and where the newest version must have it: `select` gives
/// one column, `expected`.
struct OldRow {
  int first;
  int last;
  std::string insert;
  std::string select;
  std::string expected;
};

constexpr int kNewest = 1000;

/// One of every table that some version had, parents before their children.
inline const std::vector<OldRow>& old_rows() {
  static const std::vector<OldRow> kRows = {
      {1, 1,
       "INSERT INTO pipelines (name, state, spec, resources, created_ms, updated_ms) VALUES ('P', 'active', '{}', "
       "'{\"slot\":true}', 1, 2)",
       "SELECT state || resources || tenant || revision FROM pipelines WHERE name = 'P' AND updated_ms = 2",
       "active{\"slot\":true}default1"},
      {2, 3,
       "INSERT INTO pipelines (name, state, spec, resources, created_ms, updated_ms, revision) VALUES ('P', 'active', "
       "'{}', '{}', 1, 2, 7)",
       "SELECT tenant || revision FROM pipelines WHERE name = 'P' AND updated_ms = 2", "default7"},
      {4, kNewest,
       "INSERT INTO pipelines (tenant, name, state, spec, resources, created_ms, updated_ms, revision) VALUES "
       "('default', 'P', 'paused', '{}', '{}', 1, 2, 8)",
       "SELECT state || revision FROM pipelines WHERE tenant = 'default' AND name = 'P'", "paused8"},
      {1, 3, "INSERT INTO secrets (pipeline, field, sealed) VALUES ('P', 'spec', 'old sealed')",
       "SELECT sealed || key_id FROM sealed_secrets WHERE tenant = 'default' AND object = 'pipeline/P' AND field = "
       "'spec'",
       "old sealed1"},
      {4, kNewest,
       "INSERT INTO sealed_secrets (tenant, object, field, sealed, key_id, updated_ms) VALUES ('default', "
       "'pipeline/P', 'spec', 'sealed', '3', 2)",
       "SELECT sealed || key_id FROM sealed_secrets WHERE object = 'pipeline/P'", "sealed3"},
      {2, 3,
       "INSERT INTO runs (pipeline, process, started_ms, beat_ms, progress, error) VALUES ('P', 'pid 1', 1, 2, 'far', "
       "'')",
       "SELECT process || progress FROM runs WHERE tenant = 'default' AND pipeline = 'P' AND ended_ms IS NULL",
       "pid 1far"},
      {4, kNewest,
       "INSERT INTO runs (tenant, pipeline, process, started_ms, beat_ms, progress, error) VALUES ('default', 'P', "
       "'pid 2', 1, 2, 'far', '')",
       "SELECT process || progress FROM runs WHERE tenant = 'default' AND pipeline = 'P'", "pid 2far"},
      {3, kNewest, "INSERT INTO tenants (id, name, created_ms) VALUES ('t', 'north', 5)",
       "SELECT name FROM tenants WHERE id = 't' AND created_ms = 5", "north"},
      {3, kNewest,
       "INSERT INTO users (id, name, email, password_hash, oidc_subject, server_admin, disabled, created_ms, "
       "updated_ms, password_ms) VALUES ('u', 'ann', 'a@example.org', '$argon2id$x', 'subject', 1, 0, 1, 2, 3)",
       "SELECT name || email || password_hash || oidc_subject || server_admin || disabled FROM users WHERE id = 'u'",
       "anna@example.org$argon2id$xsubject10"},
      {3, kNewest, "INSERT INTO memberships (tenant, user_id, role) VALUES ('t', 'u', 'operator')",
       "SELECT role FROM memberships WHERE tenant = 't' AND user_id = 'u'", "operator"},
      {3, kNewest,
       "INSERT INTO sessions (token_hash, user_id, tenant, created_ms, seen_ms, expires_ms, address, agent) VALUES "
       "('h', 'u', 't', 1, 2, 3, '127.0.0.1', 'curl')",
       "SELECT user_id || tenant || address || agent FROM sessions WHERE token_hash = 'h'", "ut127.0.0.1curl"},
      {3, kNewest,
       "INSERT INTO api_keys (id, tenant, user_id, name, hash, role, scopes, created_ms) VALUES ('k', 't', 'u', 'ci', "
       "'hash', 'viewer', '', 1)",
       "SELECT name || hash || role FROM api_keys WHERE id = 'k' AND revoked_ms IS NULL", "cihashviewer"},
      {3, kNewest,
       "INSERT INTO login_failures (kind, subject, failures, first_ms, last_ms, blocked_until_ms) VALUES ('user', "
       "'ann', 4, 1, 2, 3)",
       "SELECT subject || failures FROM login_failures WHERE kind = 'user'", "ann4"},
      {4, kNewest,
       "INSERT INTO connections (id, tenant, name, kind, settings, last_test, created_ms, updated_ms) VALUES ('c', "
       "'t', 'source', 'postgres', '{}', '', 1, 2)",
       "SELECT name || kind FROM connections WHERE id = 'c' AND tenant = 't'", "sourcepostgres"},
      {5, kNewest, "UPDATE counters SET value = 9 WHERE name = 'events'",
       "SELECT '' || value FROM counters WHERE name = 'events'", "9"},
      {5, kNewest,
       "INSERT INTO events (id, tenant, pipeline, kind, severity, actor, message, details, time_ms) VALUES (9, 't', "
       "'P', 'retry', 'warning', 'millrace', 'again', '{}', 5)",
       "SELECT kind || severity || message FROM events WHERE id = 9", "retrywarningagain"},
      {5, kNewest,
       "INSERT INTO operations (id, tenant, kind, target, state, actor, process, progress, result, error, "
       "cancel_requested, created_ms, updated_ms) VALUES ('o', 't', 'pipeline.create', 'P', 'running', 'ann', 'pid', "
       "'[]', '', '', 0, 1, 2)",
       "SELECT kind || state FROM operations WHERE id = 'o' AND ended_ms IS NULL", "pipeline.createrunning"},
      {5, kNewest,
       "INSERT INTO idempotency_keys (tenant, actor, key, fingerprint, created_ms, status, headers, body) VALUES "
       "('t', 'ann', 'once', 'f', 1, 201, '{}', 'made')",
       "SELECT body || status FROM idempotency_keys WHERE key = 'once'", "made201"},
      {5, kNewest,
       "INSERT INTO metric_samples (tenant, pipeline, resolution_s, time_ms, lag_bytes) VALUES ('t', 'P', 10, 1000, "
       "5.0)",
       "SELECT '' || resolution_s FROM metric_samples WHERE tenant = 't' AND lag_bytes = 5.0 AND lag_seconds IS NULL",
       "10"},
      {6, kNewest,
       "INSERT INTO audit_log (sequence, time_ms, tenant, actor, action, object, outcome, address, details, previous, "
       "hash) VALUES (1, 5, 't', 'user:ann', 'POST /x', '/x', 'ok', '127.0.0.1', '', 'before', 'after')",
       "SELECT actor || action || outcome || previous || hash FROM audit_log WHERE sequence = 1",
       "user:annPOST /xokbeforeafter"},
      {6, kNewest, "UPDATE audit_head SET sequence = 1, hash = 'after' WHERE id = 1",
       "SELECT hash || sequence FROM audit_head WHERE id = 1", "after1"},
      {6, kNewest, "INSERT INTO leases (name, holder, fence, expires_ms) VALUES ('supervisor', 'me', 4, 5)",
       "SELECT holder || fence FROM leases WHERE name = 'supervisor'", "me4"},
      {7, kNewest,
       "INSERT INTO alert_channels (id, tenant, name, kind, settings, last_delivery, created_ms) VALUES ('a', 't', "
       "'hook', 'webhook', '{}', '', 1)",
       "SELECT name || kind FROM alert_channels WHERE id = 'a'", "hookwebhook"},
      {7, kNewest, "INSERT INTO alert_rules (tenant, rule, settings) VALUES ('t', 'lag', '{\"lagS\":5}')",
       "SELECT settings FROM alert_rules WHERE rule = 'lag'", "{\"lagS\":5}"},
      {7, kNewest,
       "INSERT INTO alert_outbox (id, tenant, channel, message, attempts, next_ms, created_ms) VALUES ('m', 't', 'a', "
       "'{}', 2, 3, 1)",
       "SELECT channel || attempts FROM alert_outbox WHERE id = 'm'", "a2"},
      {8, kNewest,
       "INSERT INTO pipeline_connections (tenant, pipeline, side, connection) VALUES ('default', 'P', 'source', 'c')",
       "SELECT side || connection FROM pipeline_connections WHERE tenant = 'default' AND pipeline = 'P'", "sourcec"},
      {9, kNewest,
       "INSERT INTO firing_alerts (tenant, pipeline, alert, code, since_ms) VALUES ('default', 'P', 'lag', '', 5)",
       "SELECT alert || since_ms FROM firing_alerts WHERE tenant = 'default' AND pipeline = 'P'", "lag5"},
  };
  return kRows;
}

/// Those that a store of `version` can hold, put into it.
inline std::vector<OldRow> fill_old_store(Session& session, int version) {
  std::vector<OldRow> put;
  for (const auto& row : old_rows()) {
    if (version < row.first || version > row.last) continue;
    session.execute(row.insert);
    put.push_back(row);
  }
  return put;
}

/// What of them the newest version does not show as it must: their statements.
inline std::vector<std::string> missing_rows(Session& session, const std::vector<OldRow>& rows) {
  std::vector<std::string> missing;
  for (const auto& row : rows) {
    const auto found = session.query(row.select);
    if (found.size() != 1 || found.front().text(0) != row.expected) missing.push_back(row.select);
  }
  return missing;
}

}  // namespace millrace::store
