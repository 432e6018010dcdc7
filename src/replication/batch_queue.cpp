#include "replication/batch_queue.hpp"

#include <utility>

namespace millrace::replication {

bool BatchQueue::push(std::unique_ptr<Batch>& batch, std::chrono::milliseconds wait) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, wait, [&] { return waiting_ == nullptr || closed_; });
  if (closed_ || waiting_ != nullptr) return false;
  waiting_ = std::move(batch);
  changed_.notify_all();
  return true;
}

std::unique_ptr<Batch> BatchQueue::pop(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, stop, [&] { return waiting_ != nullptr || closed_; });
  if (waiting_ == nullptr || closed_ || stop.stop_requested()) return nullptr;
  applying_ = true;
  auto batch = std::move(waiting_);
  changed_.notify_all();
  return batch;
}

void BatchQueue::done() {
  const std::lock_guard lock(mutex_);
  applying_ = false;
  changed_.notify_all();
}

void BatchQueue::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

bool BatchQueue::closed() const {
  return closed_;
}

bool BatchQueue::idle() const {
  const std::lock_guard lock(mutex_);
  return waiting_ == nullptr && !applying_;
}

bool BatchQueue::wait_idle(std::chrono::milliseconds wait) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, wait, [&] { return (waiting_ == nullptr && !applying_) || closed_; }) && !closed_;
}

}  // namespace millrace::replication
