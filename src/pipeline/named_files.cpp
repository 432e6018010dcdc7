#include "pipeline/named_files.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "support/error.hpp"

namespace millrace::pipeline {
namespace {

/// Names of librdkafka's settings (CONFIGURATION.md of its sources).
constexpr std::array kPlainSettings = {"security.protocol",
                                       "sasl.mechanism",
                                       "sasl.mechanisms",
                                       "sasl.username",
                                       "sasl.password",
                                       "ssl.ca.pem",
                                       "ssl.certificate.pem",
                                       "ssl.key.pem",
                                       "ssl.key.password",
                                       "ssl.cipher.suites",
                                       "ssl.curves.list",
                                       "ssl.sigalgs.list",
                                       "ssl.endpoint.identification.algorithm",
                                       "enable.ssl.certificate.verification",
                                       "broker.address.family",
                                       "client.dns.lookup",
                                       "socket.timeout.ms",
                                       "socket.connection.setup.timeout.ms",
                                       "socket.keepalive.enable",
                                       "request.timeout.ms"};

void confine(std::string& file, const std::filesystem::path& directory, const char* field) {
  if (file.empty()) return;
  const std::filesystem::path named(file);
  // By its text alone: a look at the disk would be an answer too.
  const auto whole = named.is_absolute() ? named : directory / named;
  const bool plain = whole.lexically_normal() == whole && whole.parent_path() == directory;
  if (!plain || whole.filename().empty() || whole.filename() == "." || whole.filename() == "..") {
    throw Error(ErrorCode::kUsage,
                std::string(field) + " is the name of a file in the server's folder of certificates.", {.field = field})
        .suggest("Ask whoever runs the server to put the file there (`millrace serve --certificates`).");
  }
  file = whole.string();
}

void check_kafka_properties(const ConnectEndpoint& connect) {
  for (const auto& [name, value] : connect.kafka_properties) {
    const auto& known = kPlainSettings;
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    throw Error(ErrorCode::kUsage, "The setting " + name + " is not one that a server takes.",
                {.field = "kafka_connect.kafka_properties." + name})
        .suggest("Certificates go into ssl.ca.pem, ssl.certificate.pem and ssl.key.pem as texts.");
  }
}

}  // namespace

void confine_files(PipelineSpec& spec, const std::filesystem::path& directory) {
  const auto folder = directory.lexically_normal();
  confine(spec.source.sslrootcert, folder, "source.sslrootcert");
  auto& connect = spec.kafka.connect;
  confine(connect.ca_file, folder, "kafka_connect.ca_file");
  confine(connect.client_cert_file, folder, "kafka_connect.client_cert_file");
  confine(connect.client_key_file, folder, "kafka_connect.client_key_file");
  check_kafka_properties(connect);
}

}  // namespace millrace::pipeline
