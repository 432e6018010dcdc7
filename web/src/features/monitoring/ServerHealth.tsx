import { useLiveState } from "@/app/live_updates";
import { QueryView } from "@/components/QueryView";
import { StatusBadge } from "@/components/StatusBadge";
import { milliseconds } from "@/lib/format";
import layout from "@/styles/layout.module.css";
import { useServer } from "./queries";

const kChecks: Record<string, string> = {
  store: "Store: pipelines, users and events are kept",
  supervisor: "Supervisor: pipelines are looked after",
};

export function ServerHealth() {
  const server = useServer();
  const live = useLiveState() === "live";
  return (
    <section className={layout.card} aria-labelledby="server">
      <div className={layout.stack}>
        <h2 id="server">Server</h2>
        <QueryView query={server} what="the server's health">
          {({ health, version, answeredMs }) => (
            <ul className={layout.list}>
              {Object.entries(health.checks ?? {}).map(([check, word]) => (
                <li key={check} className={layout.row}>
                  <StatusBadge tone={word === "ok" ? "good" : "bad"}>{word === "ok" ? "OK" : "Failed"}</StatusBadge>
                  {kChecks[check] ?? check}
                </li>
              ))}
              <li className={layout.row}>
                <StatusBadge tone={live ? "good" : "warn"}>{live ? "OK" : "Waiting"}</StatusBadge>
                Live updates of this page
              </li>
              <li className={layout.muted}>
                Millrace {version}, answered in {milliseconds(answeredMs)}
              </li>
            </ul>
          )}
        </QueryView>
      </div>
    </section>
  );
}
