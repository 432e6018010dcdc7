#pragma once

#include <string>
#include <vector>

#include "cli/named_connections.hpp"
#include "cli/yaml_document.hpp"
#include "pipeline/spec.hpp"

namespace millrace::cli {

/// A pipeline as a file describes it.
struct SpecFile {
  YamlDocument document;  ///< with its references followed
  pipeline::PipelineSpec spec;
};

/// Follows the references of a pipeline's document: a value ${env:NAME} is that variable's, ${file:PATH} that file's
/// text without the newlines at its end. Not in kafka_connect.source_overrides and sink_overrides: Kafka Connect has
/// references of the same form. Throws Error kSecretMissing naming the place.
YamlDocument follow_references(YamlDocument document);

/// The document as a spec, checked as far as a file can be: what is missing may come from elsewhere. Throws Error
/// kUsage naming the place.
pipeline::PipelineSpec spec_of(const YamlDocument& document);

/// The pipelines of a file (one a document), of all .yaml, .yml and .json files of a directory in the order of their
/// names, or of standard input ("-"), with saved connections looked up by `find`. Throws Error kUsage naming the place:
/// also for one that is not complete, and for two of one name; and what `find` does, with the place.
std::vector<SpecFile> read_spec_files(const std::vector<std::string>& paths, const FindConnection& find);

}  // namespace millrace::cli
