import { PageHeader } from "@/components/PageHeader";
import layout from "@/styles/layout.module.css";
import { Channels } from "./Channels";
import { useChannels, useRules } from "./queries";
import { Rules } from "./Rules";

export function AlertsPage() {
  const channels = useChannels();
  // Asked for now, shown when what stands above is there: it would be pushed down.
  useRules();
  return (
    <div className={layout.page}>
      <PageHeader title="Alerts">What is told to you while you look elsewhere, and where.</PageHeader>
      <Channels />
      {channels.isPending ? null : <Rules />}
    </div>
  );
}
