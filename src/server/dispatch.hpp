#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>

#include "server/routes.hpp"

namespace millrace::server {

/// Finds a request's route, asks who sends it, calls its handler, and makes a problem of what it throws. A write of a
/// session needs the header X-CSRF-Token. An address may send 100 requests a second, in bursts of 200. Writes one line
/// of JSON a request to standard error. Thread-safe; never throws.
class Dispatch {
 public:
  explicit Dispatch(Services& services) : services_(services) {}
  Response operator()(const Request& request);

 private:
  struct Bucket {
    double left;
    std::chrono::steady_clock::time_point filled;
  };
  Response answer(const Request& request);
  bool within_rate(const std::string& address);

  Services& services_;
  std::mutex mutex_;
  std::map<std::string, Bucket> buckets_;
};

}  // namespace millrace::server
