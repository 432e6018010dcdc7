#include "cli/serve_config.hpp"

#include <gmock/gmock.h>

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "support/error.hpp"

namespace millrace::cli {
namespace {

class ServeConfigTest : public ::testing::Test {
 protected:
  ServeConfigTest() {
    std::string name = std::string(::testing::TempDir()) + "serve.XXXXXX";
    directory_ = ::mkdtemp(name.data());
  }
  ~ServeConfigTest() override {
    for (const auto& name : variables_) ::unsetenv(name.c_str());
    std::filesystem::remove_all(directory_);
  }

  std::string file(const std::string& text) const {
    std::ofstream(directory_ / "serve.yaml") << text;
    return directory_ / "serve.yaml";
  }
  void variable(const std::string& name, const std::string& value) {
    ::setenv(name.c_str(), value.c_str(), 1);
    variables_.push_back(name);
  }
  /// The message, without the directory; the notes follow.
  std::string fault(const std::function<void()>& act) const {
    try {
      act();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUsage);
      auto text = error.message();
      for (const auto& note : error.notes()) text += "\n" + note;
      const auto directory = directory_.string() + "/";
      for (auto at = text.find(directory); at != std::string::npos; at = text.find(directory)) {
        text.erase(at, directory.size());
      }
      return text;
    }
    return "";
  }
  std::string file_fault(const std::string& text) const {
    return fault([&] {
      ServeConfig config("/data");
      config.take_file(file(text));
      config.settings();
    });
  }

  std::filesystem::path directory_;
  std::vector<std::string> variables_;
};

TEST_F(ServeConfigTest, DefaultsAreThoseOfTheServer) {
  const auto settings = ServeConfig("/data").settings();
  EXPECT_EQ(settings.data_dir, "/data");
  EXPECT_EQ(settings.address, "127.0.0.1");
  EXPECT_EQ(settings.port, 8080);
  EXPECT_FALSE(settings.insecure_listen);
  EXPECT_TRUE(settings.allow_networks.empty());
}

TEST_F(ServeConfigTest, AnOptionWinsOverAVariableAndThatOverTheFile) {
  const auto path = file(
      "data_dir: /from/file\nstore: postgres://u:hidden@h/d\nlisten: 0.0.0.0\nport: 1\ntls_cert: c\ntls_key: k\n"
      "insecure_listen: true\nallow_networks: [private, 10.1.0.0/16]\n");
  variable("MILLRACE_CONFIG", path);
  variable("MILLRACE_PORT", "2");
  variable("MILLRACE_TLS_CERT", "from-variable");
  variable("MILLRACE_INSECURE_LISTEN", "false");
  CLI::App app;
  const ServeOptions options(app);
  app.parse("--port 3 --allow-networks loopback,fd00::/8 --allow-networks private");
  const auto config = options.config("/default", false);
  const auto settings = config.settings();
  EXPECT_EQ(settings.data_dir, "/from/file");
  EXPECT_EQ(settings.store, "postgres://u:hidden@h/d");
  EXPECT_EQ(settings.address, "0.0.0.0");
  EXPECT_EQ(settings.port, 3);
  EXPECT_EQ(settings.certificate_file, "from-variable");
  EXPECT_EQ(settings.key_file, "k");
  EXPECT_FALSE(settings.insecure_listen);
  EXPECT_THAT(settings.allow_networks, ::testing::ElementsAre("loopback", "fd00::/8", "private"));
  EXPECT_EQ(config.values().at("port").origin, "--port");
  EXPECT_EQ(config.values().at("tls_cert").origin, "MILLRACE_TLS_CERT");
  EXPECT_EQ(config.values().at("listen").origin, path + ":3:1");
  EXPECT_EQ(config.shown("store").find("hidden"), std::string::npos);
  EXPECT_EQ(options.config("/named", true).values().at("data_dir").origin, "--data-dir");
}

TEST_F(ServeConfigTest, EveryFaultOfAFileHasItsPlace) {
  EXPECT_EQ(file_fault("prot: 1\n"), "serve.yaml:1:1: There is no setting prot.");
  EXPECT_EQ(file_fault("listen: 127.0.0.1\nport: high\n"),
            "serve.yaml:2:1: port must be a whole number from 0 to 65535.");
  EXPECT_EQ(file_fault("port: 65536\n"), "serve.yaml:1:1: port must be a whole number from 0 to 65535.");
  EXPECT_EQ(file_fault("insecure_listen: perhaps\nallow_networks: private\nstore: 7\n"),
            "serve.yaml has 3 faults.\n"
            "serve.yaml:2:1: allow_networks must be a list of texts.\n"
            "serve.yaml:1:1: insecure_listen must be true or false.\n"
            "serve.yaml:3:1: store must be a text.");
  EXPECT_EQ(file_fault("\nlisten: 0.0.0.0\n"), "serve.yaml:2:1: Without TLS the server listens on the loopback alone.");
  EXPECT_EQ(file_fault("listen: localhost\n"), "serve.yaml:1:1: \"localhost\" is no numeric address.");
  EXPECT_EQ(file_fault("tls_cert: c\n"), "serve.yaml:1:1: A certificate and its key come together.");
  EXPECT_EQ(file_fault("allow_networks: [everywhere]\n"),
            "serve.yaml:1:1: \"everywhere\" is neither private, loopback nor a range of addresses.");
  EXPECT_EQ(file_fault("port: 1\nport: 2\n"), "serve.yaml:2:1: port stands here twice.");
}

TEST_F(ServeConfigTest, AVariableThatIsNoneIsNamed) {
  variable("MILLRACE_PORT", "http");
  EXPECT_EQ(fault([] { ServeConfig("/data").take_environment(); }),
            "MILLRACE_PORT must be a whole number from 0 to 65535.");
  variable("MILLRACE_PORT", "tcp://10.0.0.7:8080");
  EXPECT_EQ(fault([] { ServeConfig("/data").take_environment(); }), "");
  variable("MILLRACE_INSECURE_LISTEN", "maybe");
  EXPECT_EQ(fault([] { ServeConfig("/data").take_environment(); }), "MILLRACE_INSECURE_LISTEN must be true or false.");
}

}  // namespace
}  // namespace millrace::cli
