#include <gmock/gmock.h>

#include <filesystem>

#include "manager/cdc_manager.hpp"
#include "manager/registry.hpp"
#include "support/error.hpp"

namespace millrace::manager {
namespace {

class Deaf : public replication::RunObserver {
  void event(const replication::RunEvent&) override {}
  void load_progress(const std::vector<replication::TableProgress>&) override {}
  void stream_progress(const replication::StreamProgress&) override {}
};

class RunRefusalsTest : public ::testing::Test {
 protected:
  ~RunRefusalsTest() override { std::filesystem::remove_all(directory); }

  static std::filesystem::path fresh_directory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "millrace-manager.XXXXXX").string();
    return ::mkdtemp(pattern.data());
  }

  void store(const std::string& name, pipeline::EngineKind engine, const std::string& state) {
    pipeline::PipelineSpec spec;
    spec.name = name;
    spec.engine = engine;
    registry.reserve(name, spec);
    registry.save(name, state, {});
  }

  Error refusal(const std::string& name) {
    Deaf deaf;
    try {
      CdcManager(directory).run(name, {}, deaf);
    } catch (const Error& error) {
      return error;
    }
    ADD_FAILURE() << "it ran";
    return Error(ErrorCode::kInternal, "");
  }

  std::filesystem::path directory = fresh_directory();
  Registry registry{directory};
};

TEST_F(RunRefusalsTest, APausedPipelineIsNotRun) {
  store("P", pipeline::EngineKind::kEmbedded, "paused");
  const auto error = refusal("P");
  EXPECT_EQ(error.code(), ErrorCode::kPipelineState);
  EXPECT_EQ(error.suggestion(), "`millrace resume P` lets it go on.");
}

TEST_F(RunRefusalsTest, AHalfMadePipelineIsNotRun) {
  for (const char* state : {"creating", "failed", "deleting"}) {
    registry.forget("P");
    store("P", pipeline::EngineKind::kEmbedded, state);
    EXPECT_EQ(refusal("P").code(), ErrorCode::kPipelineState) << state;
  }
}

TEST_F(RunRefusalsTest, WhatKafkaConnectCarriesIsNotRunHere) {
  store("P", pipeline::EngineKind::kKafkaConnect, "active");
  const auto error = refusal("P");
  EXPECT_EQ(error.code(), ErrorCode::kPipelineState);
  EXPECT_THAT(error.suggestion(), ::testing::HasSubstr("millrace status P"));
}

TEST_F(RunRefusalsTest, AnUnknownNameIsMetWithTheNearest) {
  store("SHOP", pipeline::EngineKind::kEmbedded, "active");
  const auto error = refusal("SHOPP");
  EXPECT_EQ(error.code(), ErrorCode::kPipelineNotFound);
  EXPECT_THAT(error.suggestion(), ::testing::HasSubstr("SHOP"));
}

TEST_F(RunRefusalsTest, ForTheNearestNameNoSecretIsRead) {
  store("SHOP", pipeline::EngineKind::kEmbedded, "active");
  registry.workspace().database->write(
      [](store::Session& session) { session.execute("ALTER TABLE sealed_secrets RENAME TO away"); });
  EXPECT_THROW(registry.load("SHOP"), Error) << "the secrets are out of reach";
  const auto error = refusal("SHOPP");
  EXPECT_EQ(error.code(), ErrorCode::kPipelineNotFound);
  EXPECT_THAT(error.suggestion(), ::testing::HasSubstr("SHOP"));
}

TEST_F(RunRefusalsTest, WithoutANameTheOnlyOneIsMeant) {
  EXPECT_THROW(CdcManager(directory).only_runnable(), Error);
  store("K", pipeline::EngineKind::kKafkaConnect, "active");
  store("P", pipeline::EngineKind::kEmbedded, "active");
  EXPECT_EQ(CdcManager(directory).only_runnable(), "P");
  store("Q", pipeline::EngineKind::kEmbedded, "active");
  try {
    CdcManager(directory).only_runnable();
    ADD_FAILURE() << "one was chosen";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    EXPECT_THAT(error.notes(), ::testing::ElementsAre("P", "Q"));
  }
}

TEST_F(RunRefusalsTest, TablesOfKafkaConnectAreNotChanged) {
  store("P", pipeline::EngineKind::kKafkaConnect, "active");
  CdcManager manager(directory);
  EXPECT_THROW(manager.add_tables("P", {"a"}, {}), Error);
  EXPECT_THROW(manager.remove_tables("P", {"a"}, false), Error);
  EXPECT_THROW(manager.reload_table("P", "a"), Error);
}

TEST_F(RunRefusalsTest, RemovingEveryTableIsADelete) {
  store("P", pipeline::EngineKind::kEmbedded, "active");
  Resources resources;
  resources.routes = {{{"public", "a"}, {"dbo", "a"}, "", {"id"}}};
  registry.save("P", "active", resources);
  try {
    CdcManager(directory).remove_tables("P", {"a"}, false);
    ADD_FAILURE() << "removed";
  } catch (const Error& error) {
    EXPECT_THAT(error.suggestion(), ::testing::HasSubstr("millrace delete P"));
  }
}

TEST_F(RunRefusalsTest, AChangeOfTheSpecKeepsItsSecrets) {
  store("P", pipeline::EngineKind::kEmbedded, "active");
  auto spec = registry.load("P").spec;
  spec.source.password = Secret("hidden");
  spec.tables = {"a", "b"};
  registry.save_spec("P", spec);
  const auto stored = registry.load("P");
  EXPECT_EQ(stored.spec.tables, spec.tables);
  EXPECT_EQ(stored.spec.source.password.reveal(), "hidden");
}

}  // namespace
}  // namespace millrace::manager
