// One measurement a process, so that its peak memory is its own: see usage(). bench.py runs it again and again.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>

#include "arguments.hpp"
#include "engine_to_nowhere.hpp"
#include "latency.hpp"
#include "source_ceiling.hpp"
#include "stored_pipelines.hpp"
#include "support/error.hpp"

namespace {

using namespace millrace;

/// Endpoints come as URLs with their password, which an argument would show to everybody on the machine.
std::string environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) throw Error(ErrorCode::kUsage, std::string(name) + " is not set.");
  return value;
}

std::string measure(std::string_view what, const bench::Arguments& arguments) {
  if (what == "store") {
    return bench::store_pipelines(environment("MILLRACE_BENCH_SOURCE"), environment("MILLRACE_BENCH_TARGET"),
                                  arguments);
  }
  const auto source = parse_source_url(environment("MILLRACE_BENCH_SOURCE"));
  if (what == "copy") return bench::to_json(bench::copy_to_nowhere(source, arguments));
  if (what == "read") return bench::to_json(bench::read_to_nowhere(source, arguments));
  if (what == "load") return bench::to_json(bench::load_to_nowhere(source, arguments));
  if (what == "stream") return bench::to_json(bench::stream_to_nowhere(source, arguments));
  if (what == "latency") {
    return bench::commit_to_visible(source, parse_target_url(environment("MILLRACE_BENCH_TARGET")), arguments);
  }
  throw Error(ErrorCode::kUsage, "Measurements are copy, load, read, stream, latency and store.");
}

int usage() {
  std::fputs(
      "usage: millrace_bench MEASUREMENT NAME=VALUE..     one line of JSON on standard output\n"
      "  copy table= streams=                             COPY to nowhere\n"
      "  load tables= workers=                            the engine's load into nothing\n"
      "  read slot= publication= until= binary=           pgoutput to nowhere\n"
      "  stream slot= publication= until= binary= tables= sink=encode|count [spill=]\n"
      "  latency table= target_table= rate= seconds= patience=\n"
      "  store data= count= tables= events= samples= connect=   pipelines into the store of a server\n"
      "MILLRACE_BENCH_SOURCE and MILLRACE_BENCH_TARGET are the servers' URLs.\n",
      stderr);
  return 2;
}

}  // namespace

int main(int count, char** values) {
  if (count < 2) return usage();
  try {
    std::puts(measure(values[1], bench::Arguments(count - 2, values + 2)).c_str());
    return 0;
  } catch (const Error& error) {
    std::fprintf(stderr, "millrace_bench %s: %s\n", values[1], error.what());
    for (const auto& note : error.notes()) std::fprintf(stderr, "  %s\n", note.c_str());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "millrace_bench %s: %s\n", values[1], error.what());
  }
  return 1;
}
