#include "ingestion/connect_engine.hpp"
#include "manager/cdc_manager.hpp"
#include "support/error.hpp"

namespace millrace::manager {

std::unique_ptr<pipeline::Engine> make_engine(const pipeline::PipelineSpec& spec) {
  if (spec.engine == pipeline::EngineKind::kKafkaConnect) return ingestion::make_connect_engine();
  throw Error(ErrorCode::kUsage, "The embedded engine is not part of this version.", {.field = "engine"})
      .suggest("Use --engine kafka-connect with --connect-url.");
}

}  // namespace millrace::manager
