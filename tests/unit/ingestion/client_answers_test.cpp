#include "ingestion/kafka_connect_client.hpp"

#include <gtest/gtest.h>

#include "fake_transport.hpp"

namespace millrace::ingestion {
namespace {

class ClientAnswers : public ::testing::Test {
 protected:
  FakeWire wire;
  FakePause pause;
  KafkaConnectClient client{std::make_unique<FakeTransport>(wire), pause, std::chrono::milliseconds(0)};
  std::stop_token stop;

  void expect_code(ErrorCode code, const std::function<void()>& action) {
    try {
      action();
      ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
    }
  }
};

TEST_F(ClientAnswers, FactsHoldVersionPluginsAndConnectors) {
  wire.answer(200, R"({"version":"4.3.1","commit":"c","kafka_cluster_id":"abc"})")
      .answer(200, R"([{"class":"io.debezium.connector.jdbc.JdbcSinkConnector","type":"sink","version":"3.6.0.Final"},
                       {"class":"org.apache.kafka.connect.transforms.RegexRouter","type":"transformation","version":"4.3.1"},
                       {"class":"x.NoVersion","type":"converter","version":null}])")
      .answer(200, R"(["a-sink"])");
  const auto facts = client.facts(stop);
  EXPECT_EQ(facts.version, "4.3.1");
  EXPECT_EQ(facts.cluster_id, "abc");
  ASSERT_EQ(facts.plugins.size(), 3U);
  EXPECT_EQ(facts.find_plugin("io.debezium.connector.jdbc.JdbcSinkConnector")->version, "3.6.0.Final");
  EXPECT_EQ(facts.plugins.at(2).version, "");
  EXPECT_TRUE(facts.all_plugin_kinds);
  EXPECT_EQ(facts.connectors, std::vector<std::string>{"a-sink"});
  EXPECT_EQ(wire.requests.at(1).path, "/connector-plugins?connectorsOnly=false");
}

TEST_F(ClientAnswers, OldWorkerThatListsConnectorsOnlyIsKnown) {
  wire.answer(200, R"({"version":"2.8.0"})")
      .answer(200, R"([{"class":"C","type":"sink","version":"1"}])")
      .answer(200, "[]");
  EXPECT_FALSE(client.facts(stop).all_plugin_kinds);
}

TEST_F(ClientAnswers, SomethingElseThanConnectIsToldSo) {
  for (const char* body : {"<html></html>", "[]", R"({"name":"elasticsearch"})", ""}) {
    wire.answer(200, body);
    expect_code(ErrorCode::kConnectRejected, [&] { client.facts(stop); });
  }
}

TEST_F(ClientAnswers, FailedTaskShowsItsRootCause) {
  wire.answer(200, R"({"name":"p-sink","type":"sink","connector":{"state":"RUNNING","worker_id":"w:1"},"tasks":[
    {"id":0,"state":"RUNNING","worker_id":"w:1"},
    {"id":1,"state":"FAILED","worker_id":"w:2","trace":"org.apache.kafka.connect.errors.ConnectException: Exiting\n\tat a.b(C.java:1)\nCaused by: com.microsoft.sqlserver.jdbc.SQLServerException: Login failed for user 'sa'.\n\tat x.y(Z.java:2)\n\t... 9 more\n"}]})");
  const auto status = client.status("p-sink", stop);
  ASSERT_TRUE(status);
  EXPECT_EQ(status->kind, "sink");
  EXPECT_EQ(status->state, "RUNNING");
  ASSERT_EQ(status->tasks.size(), 2U);
  EXPECT_EQ(status->tasks.at(1).worker, "w:2");
  EXPECT_NE(status->tasks.at(1).root_cause.find("Login failed for user 'sa'."), std::string::npos);
  EXPECT_EQ(status->tasks.at(1).root_cause.find("\tat"), std::string::npos);
  EXPECT_EQ(status->tasks.at(0).root_cause, "");
}

TEST_F(ClientAnswers, UnknownConnectorIsNothing) {
  for (int i = 0; i < 3; ++i) wire.answer(404, R"({"error_code":404,"message":"No status found for connector p"})");
  EXPECT_FALSE(client.status("p", stop));
  EXPECT_FALSE(client.find_config("p", stop));
  EXPECT_FALSE(client.remove("p", stop));
}

TEST_F(ClientAnswers, UnknownConnectorCannotBePaused) {
  wire.answer(404, R"({"error_code":404,"message":"Unknown connector p"})");
  expect_code(ErrorCode::kConnectNotFound, [&] { client.pause("p", stop); });
}

TEST_F(ClientAnswers, StartingWorkerDoesNotMakeConnectorsLookGone) {
  for (int i = 0; i < 3; ++i) wire.answer(404, "<html><h2>HTTP ERROR 404 Not Found</h2></html>");
  expect_code(ErrorCode::kConnectUnreachable, [&] { client.status("p", stop); });
  expect_code(ErrorCode::kConnectUnreachable, [&] { client.remove("p", stop); });
  expect_code(ErrorCode::kConnectUnreachable, [&] { client.facts(stop); });
}

TEST_F(ClientAnswers, MissingPluginIsNamedAtOnce) {
  for (const long status : {500L, 400L}) {
    wire.answer(
        status,
        R"({"error_code":500,"message":"Failed to find any class that implements Connector and which name matches x.Y"})");
    expect_code(ErrorCode::kConnectPlugin, [&] { client.validate({{"connector.class", "x.Y"}}, stop); });
  }
  EXPECT_TRUE(pause.waits.empty());
}

TEST_F(ClientAnswers, ValidationNamesEachFaultByItsKey) {
  wire.answer(200, R"({"name":"C","error_count":2,"groups":[],"configs":[
    {"definition":{"name":"topic.prefix"},"value":{"name":"topic.prefix","value":null,"errors":["is required","too short"]}},
    {"definition":{"name":"slot.name"},"value":{"name":"slot.name","value":"s","errors":[]}}]})");
  const auto result = client.validate({{"connector.class", "a.b.C"}}, stop);
  ASSERT_EQ(result.faults.size(), 2U);
  EXPECT_EQ(result.faults.at(1).key, "topic.prefix");
  EXPECT_EQ(result.faults.at(1).message, "too short");
  EXPECT_EQ(result.known_keys, (std::vector<std::string>{"topic.prefix", "slot.name"}));
  EXPECT_EQ(wire.requests.at(0).method, "PUT");
  EXPECT_EQ(wire.requests.at(0).path, "/connector-plugins/a.b.C/config/validate");
}

TEST_F(ClientAnswers, RequestsNameTheConnectorSafely) {
  for (int i = 0; i < 6; ++i) wire.answer(i == 4 ? 200 : 202, "");
  client.pause("a b/c", stop);
  client.resume("p", stop);
  client.stop_connector("p", stop);
  client.restart("p", true, stop);
  client.delete_offsets("p", stop);
  client.restart("p", false, stop);
  const auto line = [&](std::size_t i) { return wire.requests.at(i).method + " " + wire.requests.at(i).path; };
  EXPECT_EQ(line(0), "PUT /connectors/a%20b%2Fc/pause");
  EXPECT_EQ(line(1), "PUT /connectors/p/resume");
  EXPECT_EQ(line(2), "PUT /connectors/p/stop");
  EXPECT_EQ(line(3), "POST /connectors/p/restart?includeTasks=true&onlyFailed=true");
  EXPECT_EQ(line(4), "DELETE /connectors/p/offsets");
  EXPECT_EQ(line(5), "POST /connectors/p/restart?includeTasks=true&onlyFailed=false");
}

TEST_F(ClientAnswers, AnswersOfAnUnexpectedShapeAreErrorsOfOurs) {
  wire.answer(200, R"(["no object"])");
  expect_code(ErrorCode::kConnectRejected, [&] { client.status("p", stop); });
  wire.answer(200, R"({"name":"p","connector":{"state":"RUNNING"},"tasks":[{"id":"zero"}]})");
  expect_code(ErrorCode::kConnectRejected, [&] { client.status("p", stop); });
  wire.answer(200, R"({"configs":[{"definition":{"name":"a"},"value":{"name":"a","errors":[null]}}]})");
  expect_code(ErrorCode::kConnectRejected, [&] { client.validate({{"connector.class", "C"}}, stop); });
  wire.answer(200, R"({"a":{"nested":1}})");
  expect_code(ErrorCode::kConnectRejected, [&] { client.find_config("p", stop); });
}

TEST_F(ClientAnswers, PasswordsInUrlsStayHidden) {
  wire.answer(400, R"({"error_code":400,"message":"cannot reach postgres://bob:hunter2secret@db/x"})");
  try {
    client.put_config("p", {}, stop);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.cause(), "cannot reach postgres://bob:***@db/x");
  }
}

}  // namespace
}  // namespace millrace::ingestion
