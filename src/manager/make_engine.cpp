#include "ingestion/connect_engine.hpp"
#include "manager/cdc_manager.hpp"
#include "replication/embedded_engine.hpp"

namespace millrace::manager {

std::unique_ptr<pipeline::Engine> make_engine(const pipeline::PipelineSpec& spec) {
  if (spec.engine == pipeline::EngineKind::kKafkaConnect) return ingestion::make_connect_engine();
  return replication::make_embedded_engine();
}

}  // namespace millrace::manager
