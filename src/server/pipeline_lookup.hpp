#pragma once

#include <map>
#include <string>
#include <vector>

#include "manager/registry.hpp"
#include "server/live_numbers.hpp"
#include "server/pipeline_place.hpp"
#include "server/routes.hpp"

namespace millrace::server {

/// The place that the path's {name} means.
PipelinePlace place_of(const Call& call);

/// The path's {name}, looked up without opening its secrets. Throws Error kPipelineNotFound, with the nearest names.
std::string existing_pipeline(const Call& call);

/// What is known of a pipeline's present: by this server's board, else by the last words of the process that runs it
/// elsewhere.
LiveNumbers live_numbers(const Call& call, const PipelinePlace& place);
/// Of several of the caller's tenant, by name.
std::map<std::string, LiveNumbers> live_numbers(const Call& call, const std::vector<std::string>& names);

}  // namespace millrace::server
