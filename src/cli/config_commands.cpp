#include "cli/config_commands.hpp"

#include <CLI/CLI.hpp>

#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/serve_config.hpp"
#include "support/error.hpp"

namespace millrace::cli {
namespace {

using nlohmann::ordered_json;

/// The files that a start would open, named where they are set.
void require_readable(const ServeConfig& config, const char* name) {
  const auto& [value, origin] = config.values().at(name);
  const auto file = value.get<std::string>();
  if (file.empty() || std::ifstream(file)) return;
  throw Error(ErrorCode::kUsage, origin + ": the file " + file + " cannot be read.", {.field = name});
}

int check(const Context& context, const std::string& file) {
  ServeConfig config(context.data_dir);
  config.take_file(file);
  config.settings();
  require_readable(config, "tls_cert");
  require_readable(config, "tls_key");
  answer(context, "✓ " + file + " is fine.", {{"file", file}, {"result", "fine"}});
  return 0;
}

int show(const Context& context, const ServeOptions& options) {
  const auto config = options.config(context.data_dir, context.data_dir_named);
  ordered_json list = ordered_json::array();
  std::vector<std::vector<std::string>> rows;
  for (const auto& setting : serve_settings()) {
    const auto& value = config.values().at(setting.name);
    const auto shown = config.shown(setting.name);
    list.push_back({{"setting", setting.name},
                    {"value", value.value.is_string() ? ordered_json(shown) : ordered_json(value.value)},
                    {"from", value.origin}});
    rows.push_back({setting.name, shown.empty() ? "-" : shown, value.origin});
  }
  if (context.format == Format::kTable) {
    print_table(std::cout, {"SETTING", "VALUE", "FROM"}, rows, "");
  } else {
    print_value(std::cout, context.format, list);
  }
  return 0;
}

}  // namespace

void add_config_commands(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand("config", "Settings of `serve`")->require_subcommand(1);
  auto* checking = group->add_subcommand("check", "Say what is wrong with a file, without starting; exit code 2 then");
  auto file = std::make_shared<std::string>();
  checking->add_option("file", *file, "YAML file as `serve --config` takes it")->required();
  checking->callback([file, &context] { context.action = [file, &context] { return check(context, *file); }; });

  auto* showing = group->add_subcommand(
      "show", "Show what `serve` would start with, without secrets, and where each setting comes from");
  auto options = std::make_shared<ServeOptions>(*showing);
  showing->callback([options, &context] { context.action = [options, &context] { return show(context, *options); }; });
}

}  // namespace millrace::cli
