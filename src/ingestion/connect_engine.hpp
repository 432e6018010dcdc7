#pragma once

#include <functional>
#include <memory>

#include "ingestion/http_transport.hpp"
#include "pipeline/engine.hpp"
#include "support/retry.hpp"

namespace millrace::ingestion {

using TransportFactory = std::function<std::unique_ptr<HttpTransport>(const pipeline::ConnectEndpoint&)>;

/// The kafka-connect engine: generates, validates, deploys and watches a Debezium source and a JDBC sink connector.
/// The arguments are replaced in tests.
std::unique_ptr<pipeline::Engine> make_connect_engine(TransportFactory transports = make_curl_transport,
                                                      std::shared_ptr<Pause> pause = std::make_shared<ClockPause>());

}  // namespace millrace::ingestion
