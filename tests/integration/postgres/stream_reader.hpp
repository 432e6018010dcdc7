#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "postgres/lab_postgres.hpp"
#include "postgres/replication_connection.hpp"
#include "postgres/slot.hpp"

namespace millrace::postgres {

/// A walsender connection and the payloads that came over it, as bytes: what they mean is another room's subject.
class StreamReader {
 public:
  explicit StreamReader(const SourceEndpoint& endpoint) : connection_(endpoint) {}

  ReplicationConnection& connection() { return connection_; }
  const std::vector<std::string>& payloads() const { return payloads_; }
  /// The first byte of each payload in order, e.g. "BRIC".
  std::string kinds() const {
    std::string kinds;
    for (const auto& payload : payloads_) kinds += payload.substr(0, 1);
    return kinds;
  }
  std::size_t count(char kind) const {
    const auto all = kinds();
    return static_cast<std::size_t>(std::count(all.begin(), all.end(), kind));
  }
  std::size_t find(std::string_view part) const {
    for (std::size_t i = 0; i < payloads_.size(); ++i) {
      if (payloads_[i].find(part) != std::string::npos) return i;
    }
    return payloads_.size();
  }
  Lsn keepalive() const { return keepalive_; }

  /// Reads until `enough` is true. False: it did not become so within 30 s.
  bool read_until(const std::function<bool()>& enough) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!enough()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      read_one();
    }
    return true;
  }
  /// Until so many messages of the kind came.
  bool read_until(char kind, std::size_t times = 1) {
    return read_until([&] { return count(kind) >= times; });
  }

  void read_one() {
    const auto item = connection_.next(std::chrono::milliseconds(200), {});
    if (!item) return;
    if (item->kind == StreamItem::Kind::kKeepalive) {
      keepalive_ = item->server_end;
    } else {
      payloads_.emplace_back(item->payload.view);
    }
  }

 private:
  ReplicationConnection connection_;
  std::vector<std::string> payloads_;
  Lsn keepalive_;
};

/// A table `public.t (id, v)` in a publication `p`, and a slot.
class StreamTest : public LabPostgres {
 protected:
  void SetUp() override {
    LabPostgres::SetUp();
    if (HasFatalFailure()) return;
    Connection connection(superuser());
    run(connection,
        {"CREATE TABLE public.t (id bigint PRIMARY KEY, v text)", "CREATE PUBLICATION p FOR TABLE public.t"});
    version_ = connection.server_version();
  }

  std::string slot() const { return name() + "_slot"; }
  StreamOptions options() const { return {.slot = slot(), .publication = "p"}; }
  int version() const { return version_; }

  /// The code of the error that `action` throws; kInternal, which none of these is, when it throws none.
  static ErrorCode code_of(const std::function<void()>& action) {
    try {
      action();
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::kInternal;
  }

 private:
  int version_ = 0;
};

}  // namespace millrace::postgres
