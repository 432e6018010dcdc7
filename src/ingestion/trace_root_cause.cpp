#include "ingestion/trace_root_cause.hpp"

#include "support/secret.hpp"

namespace millrace::ingestion {

std::string trace_root_cause(const std::string& trace) {
  constexpr const char* kMark = "Caused by: ";
  constexpr std::size_t kLongest = 500;
  const auto last = trace.rfind(kMark);
  std::string cause = trace.substr(last == std::string::npos ? 0 : last + std::string(kMark).size());
  // A message may run over several lines; the frames behind it begin with a tab and "at ".
  for (const char* end : {"\n\tat ", "\n\t...", "\n    at "}) {
    const auto frames = cause.find(end);
    if (frames != std::string::npos) cause.resize(frames);
  }
  while (!cause.empty() && (cause.back() == '\n' || cause.back() == ' ')) cause.pop_back();
  // The package before the exception's name tells a user nothing.
  const auto colon = cause.find(": ");
  const auto head = cause.substr(0, colon);
  const auto dot = head.rfind('.');
  if (dot != std::string::npos && head.find(' ') == std::string::npos) cause.erase(0, dot + 1);
  if (cause.size() > kLongest) {
    std::size_t end = kLongest;
    // Not within a character: half of one is no UTF-8 and breaks the JSON that this ends up in.
    while (end > 0 && (static_cast<unsigned char>(cause[end]) & 0xC0U) == 0x80U) --end;
    cause.resize(end);
  }
  return redact_urls(cause);
}

}  // namespace millrace::ingestion
