#include "pipeline/named_files.hpp"

#include <gtest/gtest.h>

#include "support/error.hpp"

namespace millrace::pipeline {
namespace {

std::string blamed(const PipelineSpec& given, const char* folder = "/var/lib/millrace/certificates") {
  auto spec = given;
  try {
    confine_files(spec, folder);
  } catch (const Error& error) {
    return error.context().field;
  }
  return "";
}

PipelineSpec with_root(const std::string& file) {
  PipelineSpec spec;
  spec.source.sslrootcert = file;
  return spec;
}

TEST(NamedFiles, AreThoseOfTheFolder) {
  auto spec = with_root("ca.pem");
  spec.kafka.connect.ca_file = "/etc/millrace/connect.pem";
  confine_files(spec, "/etc/millrace");
  EXPECT_EQ(spec.source.sslrootcert, "/etc/millrace/ca.pem");
  EXPECT_EQ(spec.kafka.connect.ca_file, "/etc/millrace/connect.pem");
  EXPECT_EQ(blamed({}), "");
}

TEST(NamedFiles, NothingElseOfTheMachineIsNamed) {
  for (const char* file : {"/etc/passwd", "../secret.key", "sub/ca.pem", ".", "..", "/var/lib/millrace/certificates",
                           "/var/lib/millrace/certificates/../secret.key", "/var/lib/millrace/certificates/",
                           "/var/lib/millrace/certificates-of-others/ca.pem", "./ca.pem"}) {
    EXPECT_EQ(blamed(with_root(file)), "source.sslrootcert") << file;
  }
  PipelineSpec keyed;
  keyed.kafka.connect.client_key_file = "/root/.ssh/id_rsa";
  EXPECT_EQ(blamed(keyed), "kafka_connect.client_key_file");
}

TEST(NamedFiles, SettingsOfLibrdkafkaRunNothingAndReadNothing) {
  for (const char* name : {"plugin.library.paths", "sasl.kerberos.kinit.cmd", "ssl.ca.location", "ssl.engine.location",
                           "sasl.oauthbearer.token.endpoint.url", "bootstrap.servers"}) {
    PipelineSpec spec;
    spec.kafka.connect.kafka_properties[name] = "x";
    EXPECT_EQ(blamed(spec), std::string("kafka_connect.kafka_properties.") + name);
  }
  PipelineSpec spec;
  spec.kafka.connect.kafka_properties = {{"security.protocol", "sasl_ssl"}, {"sasl.password", "x"}};
  EXPECT_EQ(blamed(spec), "");
}

}  // namespace
}  // namespace millrace::pipeline
