#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <variant>
#include <vector>

#include "server/serve.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace millrace::cli {

/// A setting of `millrace serve`: the same word as option, variable and member of the file.
struct ServeSetting {
  using Text = std::string& (*)(server::ServeSettings&);
  using Folder = std::filesystem::path& (*)(server::ServeSettings&);
  using Port = std::uint16_t& (*)(server::ServeSettings&);
  using Flag = bool& (*)(server::ServeSettings&);
  using List = std::vector<std::string>& (*)(server::ServeSettings&);

  const char* name;  ///< "tls_cert": --tls-cert, MILLRACE_TLS_CERT
  const char* help;
  std::variant<Text, Folder, Port, Flag, List> place;  ///< where it goes

  std::string option() const;
  std::string variable() const;
  bool is_flag() const { return std::holds_alternative<Flag>(place); }
};

/// All of them but secrets. data_dir is an option of every verb.
const std::vector<ServeSetting>& serve_settings();

/// A value, and what gave it.
struct ServeValue {
  nlohmann::json value;
  std::string origin;  ///< "default", "/etc/millrace/serve.yaml:3:1", "MILLRACE_PORT", "--port"
};

/// The values of all settings by name: an option wins over a variable, a variable over the file.
class ServeConfig {
 public:
  /// `default_data_dir`: where nothing says another.
  explicit ServeConfig(const std::string& default_data_dir);

  /// Throws Error kUsage naming the place of every fault: an unknown member, a value of the wrong kind.
  void take_file(const std::string& path);
  /// Throws Error kUsage naming the variable.
  void take_environment();
  /// From the text that an option has.
  void take_option(const ServeSetting& setting, const std::string& text);

  const std::map<std::string, ServeValue>& values() const { return values_; }
  /// For people, a list parted by commas, a URL without its password.
  std::string shown(const std::string& name) const;
  /// Throws Error kUsage for settings that contradict each other, naming where the one to blame comes from.
  server::ServeSettings settings() const;

 private:
  std::map<std::string, ServeValue> values_;
};

/// The options of `serve`.
class ServeOptions {
 public:
  explicit ServeOptions(CLI::App& verb);
  /// File (--config, else MILLRACE_CONFIG), environment, options. `data_dir_named`: --data-dir gave it.
  ServeConfig config(const std::string& data_dir, bool data_dir_named) const;

 private:
  struct Given {
    const ServeSetting* setting;
    std::string text = {};
    bool flag = false;
    CLI::Option* option = nullptr;
  };
  std::string file_;
  std::vector<std::unique_ptr<Given>> given_;
};

}  // namespace millrace::cli
