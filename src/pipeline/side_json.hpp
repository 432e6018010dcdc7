#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "pipeline/spec.hpp"
#include "support/error.hpp"

namespace millrace::pipeline {

/// "source" | "target", for a word that says which side of a spec is meant. Throws Error kUsage naming `field`.
const std::string& require_side(const std::string& word, const std::string& field);

/// One side of a spec, `side` "source" or "target", from a document that calls it `called`: throws Error as
/// spec_from_json does, with fields of that name ("connection.port"). The other side stays as it is at first.
PipelineSpec side_from_json(const std::string& side, const nlohmann::json& document, const std::string& called);

/// What no connection can do without: host, database, user. Throws Error kUsage naming the first that is missing.
void require_reachable(const PipelineSpec& spec, const std::string& side, const std::string& called);

/// An error that blames a member of `side`, as one that blames the same member of `called`.
Error renamed(const Error& error, const std::string& side, const std::string& called);

}  // namespace millrace::pipeline
