#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "manager/workspace.hpp"
#include "pipeline/spec.hpp"
#include "store/connections.hpp"
#include "store/page.hpp"

namespace millrace::manager {

/// A saved connection, without its password.
struct SavedConnection {
  std::string id;
  std::string name;
  std::string kind;             ///< "source" | "target"
  pipeline::PipelineSpec spec;  ///< its side of this kind is filled, but for the password
  bool password_set = false;
  std::vector<std::string> used_by;  ///< names of pipelines
  std::string last_test;             ///< JSON {"ok", "at"} of the last try of what is saved; empty: none
  std::int64_t created_ms = 0;
  std::int64_t updated_ms = 0;
  std::int64_t revision = 1;
};

/// How a change of a connection went for a pipeline that comes from it.
struct AppliedChange {
  std::string pipeline;
  std::optional<Error> error;  ///< none: it has the change
};

struct ChangedConnection {
  SavedConnection connection;
  std::vector<AppliedChange> applied;  ///< of host, port, user, password or encryption
};

/// The saved connections of a tenant: credentials that pipelines are made from, with the password sealed under its
/// place. A connection is found by its id or by its name. Documents of one side are those of pipeline/spec_json.hpp;
/// errors call it "endpoint". Throws Error kStore, kKeyRing, kObjectNotFound. Not thread-safe; copies share the store.
class ConnectionBook {
 public:
  explicit ConnectionBook(Workspace workspace) : workspace_(std::move(workspace)) {}

  /// Names are 1 to 100 bytes, without control characters, '/', or spaces around them. Does not connect. Throws Error
  /// kUsage, kObjectExists.
  SavedConnection create(const std::string& name, const std::string& kind, const nlohmann::json& endpoint);
  SavedConnection get(const std::string& id_or_name);
  /// By name; `kind` narrows.
  store::PageOf<SavedConnection> list(const store::PageRequest& request, const std::string& kind = {});

  struct Change {
    std::optional<std::string> name = {};
    /// A merge patch (RFC 7386) as text; empty: nothing of the endpoint.
    std::string endpoint = {};
  };
  /// A password goes nowhere but where it was given for: a change of host, port, user or encryption without the
  /// password is kSecretMissing. Where pipelines use the connection, the server must take what is new before it is
  /// stored, and each of them gets it (CdcManager::follow_connection); the same change again tries those that failed
  /// again. With `revision`: only when it still has that one, else kObjectChanged. Throws Error kUsage, kObjectExists,
  /// kObjectInUse for another database while pipelines use it, and what the server answers.
  ChangedConnection update(const std::string& id_or_name, const Change& change, std::optional<std::int64_t> revision,
                           const std::stop_token& stop = {});
  /// Gives the pipelines that differ from their connection what it has: after a process that died between storing a
  /// change and handing it on, and for those that could not be reached then. Pipelines that are being made or deleted
  /// are left alone. Empty: all are in line.
  std::vector<AppliedChange> bring_in_line(const std::stop_token& stop = {});
  /// Throws Error kObjectInUse with the names of the pipelines that come from it as notes, kObjectChanged.
  void remove(const std::string& id_or_name, std::optional<std::int64_t> revision = {});
  /// Remembers how a try of what is saved went.
  void note_test(const std::string& id, bool ok);

  /// A spec's document in which source and target that are {"connection": .., "schema": ..} have become whole, with the
  /// password; other documents come back as they are. Throws Error kUsage for further members beside them and for a
  /// connection of the other kind.
  nlohmann::json resolved(nlohmann::json document);

 private:
  store::ConnectionRecord require(const std::string& id_or_name, const std::string& field = {});
  SavedConnection decode(const store::ConnectionRecord& record, bool password_set,
                         std::vector<std::string> used_by) const;
  std::optional<Secret> password_of(const std::string& id);
  security::SecretPlace place(const std::string& id) const;
  std::vector<AppliedChange> apply(const SavedConnection& changed, const std::stop_token& stop);

  Workspace workspace_;
};

}  // namespace millrace::manager
