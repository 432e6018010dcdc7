#include "ingestion/kafka_connect_client.hpp"

#include <gtest/gtest.h>

#include "fake_transport.hpp"

namespace millrace::ingestion {
namespace {

constexpr const char* kRebalance =
    R"({"error_code":409,"message":"Cannot complete request momentarily due to no known leader URL, likely because a rebalance was underway."})";
constexpr const char* kStale =
    R"j({"error_code":409,"message":"Cannot complete request because of a conflicting operation (e.g. worker rebalance)"})j";
constexpr const char* kExists = R"({"error_code":409,"message":"Connector p-source already exists"})";

class ClientRetry : public ::testing::Test {
 protected:
  ErrorCode failure(const std::function<void()>& action) {
    try {
      action();
    } catch (const Error& error) {
      cause = error.cause();
      return error.code();
    }
    ADD_FAILURE() << "nothing was thrown";
    return ErrorCode::kInternal;
  }

  FakeWire wire;
  FakePause pause;
  KafkaConnectClient client{std::make_unique<FakeTransport>(wire), pause, std::chrono::seconds(20)};
  std::stop_source stop;
  std::string cause;
};

TEST_F(ClientRetry, RebalanceIsWaitedOut) {
  wire.answer(409, kRebalance).answer(409, kStale).answer(201, "{}");
  client.put_config("p-source", {{"a", "1"}}, stop.get_token());
  ASSERT_EQ(wire.requests.size(), 3U);
  for (const auto& request : wire.requests) {
    EXPECT_EQ(request.method, "PUT");
    EXPECT_EQ(request.path, "/connectors/p-source/config");
    EXPECT_EQ(request.body, R"({"a":"1"})");
  }
  EXPECT_EQ(pause.waits.size(), 2U);
}

TEST_F(ClientRetry, WaitsGrowAndStayWithinPatience) {
  for (int i = 0; i < 100; ++i) wire.answer(409, kRebalance);
  EXPECT_EQ(failure([&] { client.put_config("p", {}, stop.get_token()); }), ErrorCode::kConnectBusy);
  EXPECT_NE(cause.find("rebalance"), std::string::npos);
  EXPECT_LE(pause.total(), std::chrono::seconds(20));
  EXPECT_GT(pause.total(), std::chrono::seconds(14));
  EXPECT_GT(pause.waits.back(), 4 * pause.waits.front());
}

TEST_F(ClientRetry, ExistingConnectorIsNotWaitedFor) {
  wire.answer(409, kExists);
  EXPECT_EQ(failure([&] { client.put_config("p-source", {}, stop.get_token()); }), ErrorCode::kConnectConflict);
  EXPECT_TRUE(pause.waits.empty());
}

TEST_F(ClientRetry, ServerErrorThatWasAppliedEndsWell) {
  wire.answer(500, R"({"error_code":500,"message":"Request timed out"})").answer(200, "{}");
  client.put_config("p-source", {{"a", "1"}}, stop.get_token());
  EXPECT_EQ(wire.requests.size(), 2U);
}

TEST_F(ClientRetry, RepeatedDeleteThatWasAppliedEndsWell) {
  wire.answer(500, R"({"error_code":500,"message":"Request timed out"})")
      .answer(404, R"({"error_code":404,"message":"Connector p-source not found"})");
  EXPECT_NO_THROW(client.remove("p-source", stop.get_token()));
}

TEST_F(ClientRetry, AWorkerThatWasNeverThereIsToldOfSoon) {
  for (int i = 0; i < 100; ++i) wire.broken();
  EXPECT_EQ(failure([&] { client.status("p", stop.get_token()); }), ErrorCode::kConnectUnreachable);
  EXPECT_LE(pause.total(), std::chrono::seconds(5));
}

TEST_F(ClientRetry, AWorkerThatAnsweredIsGivenTimeToComeBack) {
  const char* running = R"({"name":"p","connector":{"state":"RUNNING","worker_id":"w"},"tasks":[]})";
  wire.answer(200, running);
  client.status("p", stop.get_token());
  for (int i = 0; i < 4; ++i) wire.broken();
  for (int i = 0; i < 2; ++i) wire.answer(404, "<html>Not Found</html>");
  wire.answer(200, running);
  EXPECT_TRUE(client.status("p", stop.get_token()));
  EXPECT_GT(pause.total(), std::chrono::seconds(5));
}

TEST_F(ClientRetry, BadRequestIsNotRepeated) {
  wire.answer(400, R"({"error_code":400,"message":"Connector config is invalid"})");
  EXPECT_EQ(failure([&] { client.put_config("p", {}, stop.get_token()); }), ErrorCode::kConnectRejected);
  EXPECT_EQ(cause, "Connector config is invalid");
  EXPECT_TRUE(pause.waits.empty());
}

TEST_F(ClientRetry, RefusedCredentialsAreNotRepeated) {
  for (const long status : {401L, 403L}) {
    wire.answer(status, "<html>no</html>");
    EXPECT_EQ(failure([&] { client.facts(stop.get_token()); }), ErrorCode::kConnectAuth);
  }
  EXPECT_TRUE(pause.waits.empty());
}

TEST_F(ClientRetry, StopEndsTheWaiting) {
  for (int i = 0; i < 10; ++i) wire.answer(409, kRebalance);
  pause.on_wait = [&] { stop.request_stop(); };
  EXPECT_EQ(failure([&] { client.put_config("p", {}, stop.get_token()); }), ErrorCode::kInterrupted);
  EXPECT_EQ(wire.requests.size(), 1U);
}

}  // namespace
}  // namespace millrace::ingestion
