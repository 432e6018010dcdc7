#include "ingestion/kafka_observer.hpp"

#include <librdkafka/rdkafka.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

#include "support/error.hpp"

namespace millrace::ingestion {
namespace {

template <auto Free>
struct Deleter {
  template <typename Object>
  void operator()(Object* object) const {
    Free(object);
  }
};
void free_metadata(const struct rd_kafka_metadata* metadata) {
  rd_kafka_metadata_destroy(metadata);
}

using Client = std::unique_ptr<rd_kafka_t, Deleter<rd_kafka_destroy>>;
using Configuration = std::unique_ptr<rd_kafka_conf_t, Deleter<rd_kafka_conf_destroy>>;
using Partitions = std::unique_ptr<rd_kafka_topic_partition_list_t, Deleter<rd_kafka_topic_partition_list_destroy>>;
using Metadata = std::unique_ptr<const struct rd_kafka_metadata, Deleter<free_metadata>>;
using Message = std::unique_ptr<rd_kafka_message_t, Deleter<rd_kafka_message_destroy>>;
using Queue = std::unique_ptr<rd_kafka_queue_t, Deleter<rd_kafka_queue_destroy>>;
using Event = std::unique_ptr<rd_kafka_event_t, Deleter<rd_kafka_event_destroy>>;
using Deletion = std::unique_ptr<rd_kafka_DeleteTopic_t, Deleter<rd_kafka_DeleteTopic_destroy>>;

void set(rd_kafka_conf_t* configuration, const std::string& name, const std::string& value) {
  std::array<char, 256> reason{};
  if (rd_kafka_conf_set(configuration, name.c_str(), value.c_str(), reason.data(), reason.size()) != RD_KAFKA_CONF_OK) {
    throw Error(ErrorCode::kUsage, "kafka_properties has a setting that librdkafka refuses: " + name + ".",
                {.field = "kafka_connect.kafka_properties." + name});
  }
}

void be_silent(const rd_kafka_t*, int, const char*, const char*) {}

/// Judges the address that is about to be dialled: brokers name further brokers, and names may come to stand for
/// something else. `guard` is a HostGuard.
int connect_judged(int socket, const sockaddr* address, int length, const char*, void* guard) {
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  if (getnameinfo(address, static_cast<socklen_t>(length), host.data(), host.size(), port.data(), port.size(),
                  NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return EAFNOSUPPORT;
  }
  try {
    (*static_cast<const HostGuard*>(guard))(host.data(),
                                            static_cast<std::uint16_t>(std::strtoul(port.data(), nullptr, 10)));
  } catch (const Error&) {
    return EACCES;
  }
  if (::connect(socket, address, static_cast<socklen_t>(length)) == 0 || errno == EINPROGRESS) return 0;
  return errno;
}

/// `guard` outlives the client; an empty one judges nothing.
Client make_client(const pipeline::ConnectEndpoint& endpoint, const std::string& group, HostGuard& guard) {
  Configuration configuration(rd_kafka_conf_new());
  set(configuration.get(), "bootstrap.servers", endpoint.kafka_bootstrap);
  set(configuration.get(), "group.id", group);
  set(configuration.get(), "enable.auto.commit", "false");
  set(configuration.get(), "client.id", "millrace");
  set(configuration.get(), "allow.auto.create.topics", "false");
  for (const auto& [name, value] : endpoint.kafka_properties) set(configuration.get(), name, value);
  if (guard) {
    rd_kafka_conf_set_opaque(configuration.get(), &guard);
    rd_kafka_conf_set_connect_cb(configuration.get(), connect_judged);
  }
  // The answers tell what is wrong; librdkafka's own lines would land in the user's output.
  rd_kafka_conf_set_log_cb(configuration.get(), be_silent);
  std::array<char, 256> reason{};
  Client client(rd_kafka_new(RD_KAFKA_CONSUMER, configuration.get(), reason.data(), reason.size()));
  if (!client) throw Error(ErrorCode::kKafkaUnreachable, "The Kafka client could not be made.").because(reason.data());
  static_cast<void>(configuration.release());  // the client owns it now
  return client;
}

}  // namespace

struct KafkaObserver::Impl {
  std::unique_ptr<HostGuard> guard;  // gone after the client, which asks it
  Client client;
  std::string bootstrap;
  int timeout_ms;

  [[noreturn]] void unreachable(rd_kafka_resp_err_t code) const {
    throw Error(ErrorCode::kKafkaUnreachable, "No Kafka broker answers at " + bootstrap + ".",
                {.field = "kafka-bootstrap"})
        .because(rd_kafka_err2str(code));
  }

  Metadata metadata() const {
    const struct rd_kafka_metadata* raw = nullptr;
    const auto code = rd_kafka_metadata(client.get(), 1, nullptr, &raw, timeout_ms);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) unreachable(code);
    return Metadata(raw);
  }

  /// The newest record's time, read by fetching it.
  std::optional<std::int64_t> record_time(const std::string& topic, std::int32_t partition, std::int64_t offset) const {
    const Partitions list(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = offset;
    if (rd_kafka_assign(client.get(), list.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
    const Message message(rd_kafka_consumer_poll(client.get(), timeout_ms));
    rd_kafka_assign(client.get(), nullptr);
    if (!message || message->err != RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
    rd_kafka_timestamp_type_t kind{};
    const auto time = rd_kafka_message_timestamp(message.get(), &kind);
    return kind == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? std::nullopt : std::optional<std::int64_t>(time);
  }

  TopicFacts read_topic(const rd_kafka_metadata_topic& topic) const {
    TopicFacts facts{.topic = topic.topic, .exists = true};
    const Partitions list(rd_kafka_topic_partition_list_new(topic.partition_cnt));
    std::vector<std::pair<std::int64_t, std::int64_t>> bounds;
    for (int i = 0; i < topic.partition_cnt; ++i) {
      std::int64_t low = 0;
      std::int64_t high = 0;
      const auto code =
          rd_kafka_query_watermark_offsets(client.get(), topic.topic, topic.partitions[i].id, &low, &high, timeout_ms);
      if (code != RD_KAFKA_RESP_ERR_NO_ERROR) unreachable(code);
      bounds.emplace_back(low, high);
      facts.messages += high;
      rd_kafka_topic_partition_list_add(list.get(), topic.topic, topic.partitions[i].id);
      if (high > low) {
        const auto time = record_time(topic.topic, topic.partitions[i].id, high - 1);
        if (time && (!facts.last_record_ms || *time > *facts.last_record_ms)) facts.last_record_ms = time;
      }
    }
    const auto code = rd_kafka_committed(client.get(), list.get(), timeout_ms);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return facts;  // the lag stays unknown
    std::int64_t lag = 0;
    for (int i = 0; i < list->cnt; ++i) {
      const auto [low, high] = bounds[static_cast<std::size_t>(i)];
      // A partition without a commit is read from its beginning.
      const auto committed = list->elems[i].offset < 0 ? low : list->elems[i].offset;
      lag += std::max<std::int64_t>(0, high - committed);
    }
    facts.lag = lag;
    return facts;
  }
};

KafkaObserver::KafkaObserver(const pipeline::ConnectEndpoint& endpoint, const std::string& group,
                             std::chrono::milliseconds timeout) {
  auto guard = std::make_unique<HostGuard>(endpoint.guard);
  auto client = make_client(endpoint, group, *guard);
  impl_ = std::unique_ptr<Impl>(
      new Impl{std::move(guard), std::move(client), endpoint.kafka_bootstrap, static_cast<int>(timeout.count())});
}

KafkaObserver::~KafkaObserver() {
  rd_kafka_consumer_close(impl_->client.get());
}

void KafkaObserver::check_reachable() {
  impl_->metadata();
}

std::vector<TopicFacts> KafkaObserver::read(const std::vector<std::string>& topics) {
  const auto metadata = impl_->metadata();
  std::vector<TopicFacts> all;
  for (const auto& wanted : topics) {
    TopicFacts facts{.topic = wanted};
    for (int i = 0; i < metadata->topic_cnt; ++i) {
      if (wanted == metadata->topics[i].topic) facts = impl_->read_topic(metadata->topics[i]);
    }
    all.push_back(std::move(facts));
  }
  return all;
}

std::vector<std::string> KafkaObserver::delete_topics(const std::vector<std::string>& topics) {
  const auto before = impl_->metadata();
  std::vector<std::string> there;
  std::vector<Deletion> requests;
  std::vector<rd_kafka_DeleteTopic_t*> raw;
  for (const auto& topic : topics) {
    for (int i = 0; i < before->topic_cnt; ++i) {
      if (topic == before->topics[i].topic) there.push_back(topic);
    }
  }
  if (there.empty()) return there;
  for (const auto& topic : there) {
    requests.emplace_back(rd_kafka_DeleteTopic_new(topic.c_str()));
    raw.push_back(requests.back().get());
  }
  const Queue queue(rd_kafka_queue_new(impl_->client.get()));
  rd_kafka_DeleteTopics(impl_->client.get(), raw.data(), raw.size(), nullptr, queue.get());
  const Event event(rd_kafka_queue_poll(queue.get(), 30'000));
  if (!event) throw Error(ErrorCode::kKafkaUnreachable, "Kafka did not answer the deletion of topics.");
  const auto code = rd_kafka_event_error(event.get());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) impl_->unreachable(code);
  std::size_t count = 0;
  const auto* results = rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event.get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto failure = rd_kafka_topic_result_error(results[i]);
    if (failure != RD_KAFKA_RESP_ERR_NO_ERROR && failure != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) {
      throw Error(ErrorCode::kConnectRejected,
                  std::string("Kafka refused to delete the topic ") + rd_kafka_topic_result_name(results[i]) + ".")
          .because(rd_kafka_err2str(failure));
    }
  }
  return there;
}

}  // namespace millrace::ingestion
