#include "cli/serve_config.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>

#include "cli/yaml_document.hpp"
#include "server/host_policy.hpp"
#include "support/environment.hpp"
#include "support/error.hpp"
#include "support/suggest.hpp"

namespace millrace::cli {
namespace {

using nlohmann::json;
using Flag = ServeSetting::Flag;
using Folder = ServeSetting::Folder;
using List = ServeSetting::List;
using Port = ServeSetting::Port;
using Text = ServeSetting::Text;
using Settings = server::ServeSettings;

constexpr int kHighestPort = 65535;
constexpr const char* kDataDir = "data_dir";
constexpr const char* kDefault = "default";

template <typename Kind>
bool is(const ServeSetting& setting) {
  return std::holds_alternative<Kind>(setting.place);
}

std::string must_be(const ServeSetting& setting) {
  if (is<Port>(setting)) return "must be a whole number from 0 to 65535";
  if (is<Flag>(setting)) return "must be true or false";
  return is<List>(setting) ? "must be a list of texts" : "must be a text";
}

bool fits(const ServeSetting& setting, const json& value) {
  if (is<Flag>(setting)) return value.is_boolean();
  if (is<Port>(setting)) {
    return value.is_number_integer() && value.get<std::int64_t>() >= 0 && value.get<std::int64_t>() <= kHighestPort;
  }
  if (!is<List>(setting)) return value.is_string();
  return value.is_array() && std::all_of(value.begin(), value.end(), [](const json& item) { return item.is_string(); });
}

/// A text of the command line or the environment as its setting's kind; null when it is none.
json from_text(const ServeSetting& setting, const std::string& text) {
  if (is<Flag>(setting)) return text == "true" ? json(true) : text == "false" ? json(false) : json(nullptr);
  if (is<Port>(setting)) {
    int number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    return failure == std::errc() && end == text.data() + text.size() ? json(number) : json(nullptr);
  }
  if (!is<List>(setting)) return text;
  json list = json::array();
  for (std::size_t start = 0; start <= text.size();) {
    const auto end = std::min(text.find(',', start), text.size());
    if (end > start) list.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return list;
}

/// What the server has when nothing is said.
json default_of(const ServeSetting& setting) {
  server::ServeSettings defaults;
  return std::visit(
      [&](auto place) -> json {
        if constexpr (std::is_same_v<decltype(place), Folder>)
          return place(defaults).string();
        else
          return place(defaults);
      },
      setting.place);
}

void put(server::ServeSettings& settings, const ServeSetting& setting, const json& value) {
  std::visit(
      [&](auto place) {
        if constexpr (std::is_same_v<decltype(place), Folder>)
          place(settings) = value.get<std::string>();
        else
          place(settings) = value.get<std::decay_t<decltype(place(settings))>>();
      },
      setting.place);
}

/// "--no-insecure-listen", "--oidc-no-email-link".
std::string negated(const ServeSetting& setting) {
  const auto option = setting.option();
  const auto head = option.starts_with("--oidc-") ? std::string("--oidc-") : std::string("--");
  return head + "no-" + option.substr(head.size());
}

const ServeSetting* find(const std::string& name) {
  for (const auto& setting : serve_settings()) {
    if (setting.name == name) return &setting;
  }
  return nullptr;
}

Error unknown_setting(const std::string& name) {
  Error error(ErrorCode::kUsage, "There is no setting " + name + ".", {.field = name});
  std::vector<std::string> names;
  for (const auto& setting : serve_settings()) names.emplace_back(setting.name);
  const auto similar = nearest(name, names);
  return similar.empty() ? error.suggest("`millrace config show` lists the settings.")
                         : error.suggest("Did you mean " + similar.front() + "?");
}

/// One fault as it is; several as one Error that has each as a note.
void refuse(const std::vector<Error>& faults, const std::string& file) {
  if (faults.empty()) return;
  if (faults.size() == 1) throw faults.front();
  Error all(ErrorCode::kUsage, file + " has " + std::to_string(faults.size()) + " faults.", {.field = "config"});
  for (const auto& fault : faults) all.note(fault.message());
  throw all.suggest("`millrace serve --help` tells what each setting takes.");
}

}  // namespace

std::string ServeSetting::option() const {
  std::string text = std::string("--") + name;
  std::replace(text.begin(), text.end(), '_', '-');
  return text;
}

std::string ServeSetting::variable() const {
  std::string text = std::string("MILLRACE_") + name;
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

const std::vector<ServeSetting>& serve_settings() {
  static const std::vector<ServeSetting> kSettings{
      {kDataDir, "Where pipelines are kept", Folder([](Settings& s) -> auto& { return s.data_dir; })},
      {"store", "postgres://.. where everything but the key is kept, instead of the data directory",
       Text([](Settings& s) -> auto& { return s.store; })},
      {"listen", "Numeric address to listen on", Text([](Settings& s) -> auto& { return s.address; })},
      {"port", "Port to listen on; 0: any free one", Port([](Settings& s) -> auto& { return s.port; })},
      {"tls_cert", "Certificate chain, PEM", Text([](Settings& s) -> auto& { return s.certificate_file; })},
      {"tls_key", "Its private key, PEM", Text([](Settings& s) -> auto& { return s.key_file; })},
      {"insecure_listen", "Plain HTTP on an address that is not the loopback: behind a proxy that does TLS",
       Flag([](Settings& s) -> auto& { return s.insecure_listen; })},
      {"allow_networks",
       "Networks that pipelines may connect to besides public ones: private, loopback, or ranges as\n"
       "10.1.0.0/16; left out: private, and loopback while the server itself listens only there",
       List([](Settings& s) -> auto& { return s.allow_networks; })},
      {"allow_store_server",
       "Pipelines may connect to the PostgreSQL server of --store as well: when it is also a source",
       Flag([](Settings& s) -> auto& { return s.allow_store_server; })},
      {"certificates",
       "Folder of the certificates and keys that pipelines may name; left out: certificates in --data-dir",
       Folder([](Settings& s) -> auto& { return s.certificates; })},
      {"oidc_issuer", "Issuer of an identity provider, an https URL; left out: people sign in by password alone",
       Text([](Settings& s) -> auto& { return s.oidc.issuer; })},
      {"oidc_client_id", "What it knows Millrace as", Text([](Settings& s) -> auto& { return s.oidc.client_id; })},
      {"oidc_redirect_base",
       "How browsers reach this server, as https://millrace.example; the provider must allow\n"
       "<base>/api/v1/auth/oidc/callback",
       Text([](Settings& s) -> auto& { return s.oidc.redirect_base; })},
      {"oidc_name", "What the page calls it; left out: its host",
       Text([](Settings& s) -> auto& { return s.oidc.display_name; })},
      {"oidc_ca_file", "CA certificates of its server, PEM; left out: the system's",
       Text([](Settings& s) -> auto& { return s.oidc.ca_file; })},
      {"oidc_email_link", "A verified e-mail address links an existing user; false: only those who are linked sign in",
       Flag([](Settings& s) -> auto& { return s.oidc.link_by_email; })},
      {"oidc_create_users", "Somebody whom no user belongs to becomes one",
       Flag([](Settings& s) -> auto& { return s.oidc.create_users; })},
      {"oidc_name_claim", "The claim that names such a user",
       Text([](Settings& s) -> auto& { return s.oidc.name_claim; })},
      {"oidc_create_tenant", "The id of the tenant that such a user is a member of",
       Text([](Settings& s) -> auto& { return s.oidc.create_tenant; })},
      {"oidc_create_role", "The role there: viewer, operator or admin",
       Text([](Settings& s) -> auto& { return s.oidc.create_role; })}};
  return kSettings;
}

ServeConfig::ServeConfig(const std::string& default_data_dir) {
  for (const auto& setting : serve_settings()) values_[setting.name] = {default_of(setting), kDefault};
  values_[kDataDir].value = default_data_dir;
}

void ServeConfig::take_file(const std::string& path) {
  const auto document = read_yaml_file(path);
  std::vector<Error> faults;
  for (const auto& [name, value] : document.value.items()) {
    if (value.is_null()) continue;
    const auto* setting = find(name);
    if (setting == nullptr) {
      faults.push_back(document.located(unknown_setting(name)));
    } else if (!fits(*setting, value)) {
      faults.push_back(
          document.located(Error(ErrorCode::kUsage, name + " " + must_be(*setting) + ".", {.field = name})));
    } else {
      values_[name] = {value, document.place_of(name)};
    }
  }
  refuse(faults, path);
}

void ServeConfig::take_environment() {
  for (const auto& setting : serve_settings()) {
    const auto text = environment(setting.variable());
    // Kubernetes puts MILLRACE_PORT=tcp://.. beside every container when a service is called millrace.
    if (text.empty() || (is<Port>(setting) && text.starts_with("tcp://"))) continue;
    const auto value = from_text(setting, text);
    if (!fits(setting, value)) {
      throw Error(ErrorCode::kUsage, setting.variable() + " " + must_be(setting) + ".", {.field = setting.name});
    }
    values_[setting.name] = {value, setting.variable()};
  }
}

void ServeConfig::take_option(const ServeSetting& setting, const std::string& text) {
  const auto value = from_text(setting, text);
  if (!fits(setting, value)) {
    throw Error(ErrorCode::kUsage, setting.option() + " " + must_be(setting) + ".", {.field = setting.name});
  }
  values_[setting.name] = {value, setting.option()};
}

std::string ServeConfig::shown(const std::string& name) const {
  const auto& value = values_.at(name).value;
  if (value.is_string()) return redact_urls(value.get<std::string>());
  if (!value.is_array()) return value.dump();
  std::string text;
  for (const auto& item : value) text += (text.empty() ? "" : ",") + item.get<std::string>();
  return text;
}

server::ServeSettings ServeConfig::settings() const {
  Settings settings;
  for (const auto& setting : serve_settings()) put(settings, setting, values_.at(setting.name).value);
  try {
    server::check_settings(settings);
    server::address_policy(settings.allow_networks, settings.address, settings.port);
  } catch (const Error& error) {
    auto name = error.context().field;
    std::replace(name.begin(), name.end(), '-', '_');
    const auto found = values_.find(name);
    if (found == values_.end() || found->second.origin == kDefault) throw;
    Error placed(error.code(), found->second.origin + ": " + error.message(), error.context());
    throw placed.suggest(error.suggestion());
  }
  return settings;
}

ServeOptions::ServeOptions(CLI::App& verb) {
  verb.add_option("--config", file_, "YAML file with settings: the options' words, with _ for - [MILLRACE_CONFIG]");
  const ServeConfig defaults("");
  for (const auto& setting : serve_settings()) {
    if (setting.name == std::string(kDataDir)) continue;
    given_.push_back(std::make_unique<Given>(Given{.setting = &setting, .text = {}}));
    auto& given = *given_.back();
    const auto value = setting.is_flag() ? "" : defaults.shown(setting.name);
    const auto help =
        std::string(setting.help) + (value.empty() ? "" : " (default " + value + ")") + " [" + setting.variable() + "]";
    const auto* group =
        std::string(setting.name).starts_with("oidc_") ? "Sign-in by an identity provider (OpenID Connect)" : "Options";
    given.option = setting.is_flag() ? verb.add_flag(setting.option() + ",!" + negated(setting), given.flag, help)
                                     : verb.add_option(setting.option(), given.text, help);
    given.option->group(group);
    if (is<List>(setting)) given.option->join(',');
  }
}

ServeConfig ServeOptions::config(const std::string& data_dir, bool data_dir_named) const {
  ServeConfig config(data_dir);
  const auto file = file_.empty() ? environment("MILLRACE_CONFIG") : file_;
  if (!file.empty()) config.take_file(file);
  config.take_environment();
  for (const auto& given : given_) {
    if (given->option->count() == 0) continue;
    config.take_option(*given->setting, given->setting->is_flag() ? (given->flag ? "true" : "false") : given->text);
  }
  if (data_dir_named) config.take_option(*find(kDataDir), data_dir);
  return config;
}

}  // namespace millrace::cli
