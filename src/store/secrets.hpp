#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "store/sql.hpp"

namespace millrace::store {

/// A sealed secret (security/secret_box.hpp) and the place it is bound to.
struct SealedSecret {
  std::string tenant;
  std::string object;  ///< "pipeline/<name>", "connection/<id>", "alert/<id>", ..
  std::string field;   ///< "spec", "password", ..
  std::string sealed;
  std::string key_id = {};  ///< which key of the ring it needs
  std::int64_t updated_ms = 0;
};

/// All sealed secrets in one table, so that a rotation walks one table.
class Secrets {
 public:
  explicit Secrets(Session& session) : session_(session) {}

  /// Adds or replaces.
  void put(const SealedSecret& secret);
  std::optional<SealedSecret> find(const std::string& tenant, const std::string& object, const std::string& field);
  std::vector<SealedSecret> of_object(const std::string& tenant, const std::string& object);
  void remove(const std::string& tenant, const std::string& object, const std::string& field);
  void remove_object(const std::string& tenant, const std::string& object);
  /// Up to `limit` secrets that are not under `key_id`, in the order of their places, after `after`.
  std::vector<SealedSecret> not_under(const std::string& key_id, int limit,
                                      const std::optional<SealedSecret>& after = {});
  /// Replaces the sealed text only if it is still `old_sealed`; false: it was changed meanwhile.
  bool replace(const SealedSecret& secret, const std::string& old_sealed);
  /// Key id -> number of secrets under it.
  std::map<std::string, std::int64_t> count_by_key();

 private:
  Session& session_;
};

}  // namespace millrace::store
