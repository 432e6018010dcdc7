#include "cli/server_contexts.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "cli/private_file.hpp"
#include "cli/yaml_document.hpp"
#include "support/environment.hpp"
#include "support/error.hpp"

namespace millrace::cli {
namespace {

constexpr std::size_t kLongestName = 100;

Error unknown_context(const std::string& name) {
  return Error(ErrorCode::kUsage, "There is no context " + name + ".", {.field = "context"})
      .suggest("`millrace context list` shows them; `millrace login URL` makes one.");
}

void check_context_name(const std::string& name) {
  const bool fits = !name.empty() && name != kLocalContext && name.size() <= kLongestName &&
                    std::all_of(name.begin(), name.end(), [](unsigned char c) {
                      return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
                    });
  if (fits) return;
  throw Error(ErrorCode::kUsage, "A context's name has letters, digits, '-', '_' and '.', and is not \"local\".",
              {.field = "context"});
}

void require_private(const std::filesystem::path& file) {
  using std::filesystem::perms;
  const auto others = perms::group_all | perms::others_all;
  if ((std::filesystem::status(file).permissions() & others) == perms::none) return;
  throw Error(ErrorCode::kUsage, "The file " + file.string() + " has API keys, and others than its owner may use it.")
      .suggest("chmod 600 " + file.string());
}

class ContextReader {
 public:
  explicit ContextReader(const std::filesystem::path& file) : file_(file.string()) {}

  std::string text(const nlohmann::json& object, const char* name) const {
    const auto found = object.find(name);
    if (found == object.end() || found->is_null()) return {};
    if (!found->is_string()) refuse(std::string(name) + " is no text");
    return found->get<std::string>();
  }
  bool flag(const nlohmann::json& object, const char* name) const {
    const auto found = object.find(name);
    if (found == object.end()) return false;
    if (!found->is_boolean()) refuse(std::string(name) + " is neither true nor false");
    return found->get<bool>();
  }
  ServerContext context(const std::string& name, const nlohmann::json& object) const {
    if (!object.is_object()) refuse("the context " + name + " is no mapping");
    return {.server = text(object, "server"),
            .token = Secret(text(object, "token")),
            .key_id = text(object, "key_id"),
            .ca_file = text(object, "ca_file"),
            .insecure_http = flag(object, "insecure_http")};
  }
  [[noreturn]] void refuse(const std::string& why) const { throw Error(ErrorCode::kUsage, file_ + ": " + why + "."); }

 private:
  std::string file_;
};

}  // namespace

std::filesystem::path ServerContexts::default_file() {
  if (const auto xdg = environment("XDG_CONFIG_HOME"); !xdg.empty()) {
    return std::filesystem::path(xdg) / "millrace/config.yaml";
  }
  if (const auto home = environment("HOME"); !home.empty()) {
    return std::filesystem::path(home) / ".config/millrace/config.yaml";
  }
  return "millrace-config.yaml";
}

ServerContexts::ServerContexts(std::filesystem::path file) : file_(std::move(file)) {
  std::error_code failure;
  if (!std::filesystem::exists(file_, failure)) return;
  require_private(file_);
  const auto document = read_yaml_file(file_.string()).value;
  const ContextReader reader(file_);
  if (const auto current = reader.text(document, "current"); !current.empty()) current_ = current;
  const auto contexts = document.find("contexts");
  if (contexts == document.end() || contexts->is_null()) return;
  if (!contexts->is_object()) reader.refuse("contexts is no mapping");
  for (const auto& [name, item] : contexts->items()) contexts_[name] = reader.context(name, item);
}

const ServerContext& ServerContexts::find(const std::string& name) const {
  const auto found = contexts_.find(name);
  if (found == contexts_.end()) throw unknown_context(name);
  return found->second;
}

void ServerContexts::put(const std::string& name, ServerContext context) {
  check_context_name(name);
  contexts_[name] = std::move(context);
}

void ServerContexts::use(const std::string& name) {
  if (name != kLocalContext) find(name);
  current_ = name;
}

void ServerContexts::remove(const std::string& name) {
  if (contexts_.erase(name) == 0) throw unknown_context(name);
  if (current_ == name) current_ = kLocalContext;
}

void ServerContexts::save() const {
  YAML::Emitter out;
  out << YAML::BeginMap << YAML::Key << "current" << YAML::Value << YAML::DoubleQuoted << current_;
  out << YAML::Key << "contexts" << YAML::Value << YAML::BeginMap;
  for (const auto& [name, context] : contexts_) {
    out << YAML::Key << YAML::DoubleQuoted << name << YAML::Value << YAML::BeginMap;
    const auto text = [&](const char* key, const std::string& value) {
      if (!value.empty()) out << YAML::Key << key << YAML::Value << YAML::DoubleQuoted << value;
    };
    text("server", context.server);
    text("token", context.token.reveal());
    text("key_id", context.key_id);
    text("ca_file", context.ca_file);
    if (context.insecure_http) out << YAML::Key << "insecure_http" << YAML::Value << true;
    out << YAML::EndMap;
  }
  out << YAML::EndMap << YAML::EndMap;
  write_private_file(file_, out.c_str() + std::string("\n"));
}

}  // namespace millrace::cli
