import { EventList } from "@/features/events/EventList";
import { usePipelineContext } from "./PipelinePage";

export function EventsTab() {
  const { pipeline } = usePipelineContext();
  return <EventList pipeline={pipeline.name} />;
}
