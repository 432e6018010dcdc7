import { Allowed } from "@/app/Allowed";
import { PageHeader } from "@/components/PageHeader";
import layout from "@/styles/layout.module.css";
import { EventList } from "./EventList";

export function EventsPage() {
  return (
    <Allowed permissions={["events.read"]}>
      <div className={layout.page}>
        <PageHeader title="Events">What pipelines, people and the server did, kept for 30 days.</PageHeader>
        <EventList />
      </div>
    </Allowed>
  );
}
