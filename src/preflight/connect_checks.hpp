#pragma once

#include <string>
#include <vector>

#include "preflight/connect_facts.hpp"
#include "preflight/finding.hpp"

namespace millrace::preflight {

/// What a pipeline needs of a Connect cluster.
struct ConnectCheckInput {
  ConnectFacts facts;
  std::string source_class;
  std::string sink_class;                   ///< empty: none of the sinks that Millrace knows is installed
  std::vector<std::string> helper_classes;  ///< transforms and converters that the configs name
  std::vector<std::string> connectors;      ///< names that the pipeline will take
  bool passwords_inline = false;
};

/// Judges the cluster. Pure. Ids begin with "connect.".
Findings check_connect(const ConnectCheckInput& input);

}  // namespace millrace::preflight
