#pragma once

#include <map>
#include <string>

#include "server/event_feed.hpp"
#include "server/pipeline_place.hpp"
#include "store/database.hpp"

namespace millrace::server {

// What is told with a beginning and an end. That it began is kept in the transaction of the event that tells so, and a
// server that is started, or takes over, asks for it: an alert that is over by then is still told as ended.

inline constexpr const char* kLagAlert = "lag";          ///< lag.high .. lag.over
inline constexpr const char* kStuckAlert = "stuck";      ///< pipeline.stuck .. pipeline.recovered
inline constexpr const char* kStalledAlert = "stalled";  ///< stream.stalled .. stream.recovered
inline constexpr const char* kSlotAlert = "slot";        ///< slot.at_risk, slot.lost .. slot.recovered
inline constexpr const char* kFailedAlert = "failed";    ///< needs a person .. pipeline.recovered

/// Notes beginnings and ends, in the transaction that stores the event.
void note_alert(store::Session& session, const EventFeed::Event& event);

/// The alerts that began and have not ended, with the code that each began with.
class ToldAlerts {
 public:
  ToldAlerts() = default;
  /// Throws Error as the store does.
  explicit ToldAlerts(store::Database& database);

  bool fires(const PipelinePlace& place, const std::string& alert) const;
  /// The same, once: whoever asks tells the end from now on.
  bool take(const PipelinePlace& place, const std::string& alert);
  /// code by pipeline.
  std::map<PipelinePlace, std::string> of(const std::string& alert) const;

 private:
  std::map<PipelinePlace, std::map<std::string, std::string>> codes_;
};

}  // namespace millrace::server
