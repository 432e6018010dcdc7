#include "cli/follow_operation.hpp"

#include <chrono>
#include <nlohmann/json.hpp>

#include "cli/answer_members.hpp"
#include "cli/answer_reading.hpp"
#include "support/error.hpp"
#include "support/retry.hpp"

namespace millrace::cli {
namespace {

using nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

constexpr Milliseconds kBetweenLooks{300};
constexpr std::chrono::seconds kPatience{60};

class Followed {
 public:
  Followed(ServerClient& client, const ordered_json& operation, const pipeline::Progress& progress)
      : client_(client), progress_(progress), operation_(operation), id_(AnswerMembers(operation).text("id")) {}

  bool ended() const { return AnswerMembers(operation_).text("state") != "running"; }

  void look(const std::stop_token& stop) {
    operation_ = client_.get("/operations/" + url_part(id_), stop);
    tell();
  }

  void cancel() {
    try {
      client_.post("/operations/" + url_part(id_) + "/cancel", nullptr, {});
    } catch (const Error& error) {
      // It has ended meanwhile: the next look tells how.
      if (error.code() != ErrorCode::kPipelineState) throw;
    }
  }

  ordered_json result() const {
    const AnswerMembers members(operation_);
    if (const auto* problem = members.find("problem")) throw read_problem(*problem);
    if (members.text("state") == "cancelled") throw Error(ErrorCode::kInterrupted, "Stopped on request.");
    const auto* found = members.find("result");
    return found == nullptr ? ordered_json::object() : *found;
  }

  Error named(const Error& error) const {
    Error with_id = error;
    with_id.note("the server goes on with it: operation " + id_);
    return with_id;
  }

 private:
  /// The list holds the newest lines alone: what was told last is looked for in it.
  void tell() {
    const auto lines = AnswerMembers(operation_).list("progress");
    std::size_t next = 0;
    for (std::size_t i = lines.size(); i > 0 && next == 0; --i) {
      if (lines[i - 1] == last_) next = i;
    }
    for (; next < lines.size(); ++next) {
      if (progress_) progress_(AnswerMembers(lines[next]).text("message"));
      last_ = lines[next];
    }
  }

  ServerClient& client_;
  const pipeline::Progress& progress_;
  ordered_json operation_;
  std::string id_;
  ordered_json last_;
};

}  // namespace

ordered_json follow_operation(ServerClient& client, const ordered_json& operation, const pipeline::Progress& progress,
                              const std::stop_token& stop) {
  Followed followed(client, operation, progress);
  ClockPause pause;
  std::stop_token watched = stop;
  auto answered = Clock::now();
  try {
    while (!followed.ended()) {
      if (!pause.wait(kBetweenLooks, watched)) {
        followed.cancel();
        // From now on its end is waited for.
        watched = {};
      }
      try {
        followed.look(watched);
        answered = Clock::now();
      } catch (const Error& error) {
        const bool patient = error.retriable() && Clock::now() - answered < kPatience;
        if (error.code() != ErrorCode::kInterrupted && !patient) throw;
      }
    }
  } catch (const Error& error) {
    throw followed.named(error);
  }
  return followed.result();
}

}  // namespace millrace::cli
