/** What happened, newest first, with causes; filtered by severity and by what it is about. */
import { Button, NativeSelect } from "@mantine/core";
import { Link } from "react-router";
import { fixOf } from "@/api/fixes";
import type { Event, Severity } from "@/api/types";
import { useAddressFilter } from "@/app/useAddressFilter";
import { EmptyState } from "@/components/EmptyState";
import { Loading } from "@/components/Loading";
import { Moment } from "@/components/Moment";
import { ProblemPanel } from "@/components/ProblemPanel";
import { StatusBadge, type Tone } from "@/components/StatusBadge";
import layout from "@/styles/layout.module.css";
import styles from "./EventList.module.css";
import { useEvents } from "./queries";

const kLooks: Record<Severity, { tone: Tone; word: string }> = {
  error: { tone: "bad", word: "Error" },
  warning: { tone: "warn", word: "Warning" },
  info: { tone: "info", word: "Info" },
};

/** The families of docs/reference/events.md that somebody looks for. */
const kFamilies = [
  { value: "", label: "Everything" },
  { value: "run", label: "Runs and failures" },
  { value: "load", label: "Loads" },
  { value: "stream", label: "Streaming" },
  { value: "schema", label: "Schema changes" },
  { value: "table", label: "Tables that came, went or were rewritten" },
  { value: "row", label: "Rows set aside" },
  { value: "slot", label: "Replication slots" },
  { value: "connector", label: "Connectors" },
  { value: "verify", label: "Comparisons" },
  { value: "pipeline", label: "Pipelines: state, and what people did" },
  { value: "operation", label: "Long work" },
];

/** `pipeline`: only its events, without its name at each. */
export function EventList({ pipeline }: { pipeline?: string }) {
  const filter = useAddressFilter();
  const severity = filter.get("severity");
  const kind = filter.get("kind");
  const events = useEvents({
    ...(pipeline ? { pipeline } : {}),
    ...(severity in kLooks ? { severity: severity as Severity } : {}),
    ...(kind ? { kind } : {}),
  });
  const items = events.data?.pages.flatMap((page) => page.items) ?? [];

  return (
    <div className={layout.stack}>
      <div className={layout.row}>
        <NativeSelect
          aria-label="Severity"
          value={severity}
          data={[
            { value: "", label: "All severities" },
            { value: "error", label: "Errors" },
            { value: "warning", label: "Warnings" },
            { value: "info", label: "Infos" },
          ]}
          onChange={(event) => filter.set("severity", event.currentTarget.value)}
        />
        <NativeSelect
          aria-label="About"
          value={kind}
          data={kFamilies}
          onChange={(event) => filter.set("kind", event.currentTarget.value)}
        />
      </div>
      {events.isError ? <ProblemPanel problem={events.error} retry={() => void events.refetch()} /> : null}
      {events.isPending ? <Loading what="events" /> : null}
      {events.isSuccess && items.length === 0 ? (
        <EmptyState heading={severity || kind ? "Nothing of this kind has happened" : "Nothing has happened yet"}>
          {severity || kind ? (
            <Button variant="default" onClick={filter.clear}>
              Clear filters
            </Button>
          ) : (
            <p>What pipelines and people do appears here by itself.</p>
          )}
        </EmptyState>
      ) : null}
      {items.length > 0 ? (
        <ul className={layout.rows} aria-label="Events">
          {items.map((event) => (
            <EventItem key={event.id} event={event} named={!pipeline} />
          ))}
        </ul>
      ) : null}
      {events.hasNextPage ? (
        <div>
          <Button variant="default" loading={events.isFetchingNextPage} onClick={() => void events.fetchNextPage()}>
            Show older
          </Button>
        </div>
      ) : null}
    </div>
  );
}

function EventItem({ event, named }: { event: Event; named: boolean }) {
  const look = kLooks[event.severity];
  const known = event.severity === "info" ? "" : fixOf(event.code);
  const fix = event.message.includes(known) ? "" : known;
  return (
    <li className={styles.event}>
      <div>
        <StatusBadge tone={look.tone}>{look.word}</StatusBadge>
        <p className={styles.about}>
          <Moment at={event.time} />
        </p>
      </div>
      <div>
        <p className={styles.message}>{event.message}</p>
        {event.cause ? <p className={styles.about}>{event.cause}</p> : null}
        {fix ? <p>{fix}</p> : null}
        <p className={styles.about}>
          {named && event.pipeline ? (
            <>
              <Link to={`/pipelines/${encodeURIComponent(event.pipeline)}`}>{event.pipeline}</Link> ·{" "}
            </>
          ) : null}
          {[event.kind, event.table, event.lsn, event.code, event.actor && `by ${event.actor}`]
            .filter(Boolean)
            .join(" · ")}
        </p>
      </div>
    </li>
  );
}
