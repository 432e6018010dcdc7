import { PageHeader } from "@/components/PageHeader";
import layout from "@/styles/layout.module.css";
import { Channels } from "./Channels";
import { Rules } from "./Rules";

export function AlertsPage() {
  return (
    <div className={layout.page}>
      <PageHeader title="Alerts">What is told to you while you look elsewhere, and where.</PageHeader>
      <Channels />
      <Rules />
    </div>
  );
}
