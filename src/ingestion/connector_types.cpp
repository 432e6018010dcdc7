#include "ingestion/connector_types.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace millrace::ingestion {

std::optional<PluginVersion> PluginVersion::parse(const std::string& text) {
  std::array<int, 3> numbers{};
  const char* at = text.data();
  const char* end = at + text.size();
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto [next, failure] = std::from_chars(at, end, numbers[i]);
    if (failure != std::errc()) {
      if (i == 0) return std::nullopt;
      break;
    }
    at = next;
    if (at == end || *at != '.') break;
    ++at;
  }
  return PluginVersion{numbers[0], numbers[1], numbers[2]};
}

std::string PluginVersion::to_string() const {
  return fmt::format("{}.{}.{}", major, minor, patch);
}

const char* sink_class(pipeline::SinkFlavour flavour) {
  switch (flavour) {
    case pipeline::SinkFlavour::kConfluent:
      return kConfluentSinkClass;
    case pipeline::SinkFlavour::kAiven:
      return kAivenSinkClass;
    case pipeline::SinkFlavour::kAuto:
    case pipeline::SinkFlavour::kDebezium:
      return kDebeziumSinkClass;
  }
  return kDebeziumSinkClass;
}

std::optional<pipeline::SinkFlavour> detect_sink(const std::vector<preflight::PluginInfo>& plugins,
                                                 pipeline::SinkFlavour chosen) {
  using pipeline::SinkFlavour;
  const auto installed = [&](SinkFlavour flavour) {
    return std::any_of(plugins.begin(), plugins.end(),
                       [&](const auto& plugin) { return plugin.class_name == sink_class(flavour); });
  };
  if (chosen != SinkFlavour::kAuto) return installed(chosen) ? std::optional(chosen) : std::nullopt;
  for (const auto flavour : {SinkFlavour::kDebezium, SinkFlavour::kAiven, SinkFlavour::kConfluent}) {
    if (installed(flavour)) return flavour;
  }
  return std::nullopt;
}

}  // namespace millrace::ingestion
