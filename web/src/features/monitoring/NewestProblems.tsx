import { Link } from "react-router";
import type { Event } from "@/api/types";
import { Loading } from "@/components/Loading";
import { Moment } from "@/components/Moment";
import { ProblemPanel } from "@/components/ProblemPanel";
import { StatusBadge } from "@/components/StatusBadge";
import layout from "@/styles/layout.module.css";
import { useNewest } from "./queries";

const kShown = 8;

/** The newest errors and warnings of all pipelines. */
export function NewestProblems() {
  const errors = useNewest("error");
  const warnings = useNewest("warning");
  // One after the other they would push each other down.
  const waits = errors.isPending || warnings.isPending;
  const fault = errors.error ?? warnings.error;
  const events = [...(errors.data?.items ?? []), ...(warnings.data?.items ?? [])]
    .sort((left, right) => right.time.localeCompare(left.time))
    .slice(0, kShown);
  return (
    <section className={layout.card} aria-labelledby="newest">
      <div className={layout.stack}>
        <div className={layout.spread}>
          <h2 id="newest">Newest errors and warnings</h2>
          <Link to="/events">All events</Link>
        </div>
        {fault ? <ProblemPanel problem={fault} /> : null}
        {waits ? <Loading what="events" /> : null}
        {errors.data && warnings.data && events.length === 0 ? (
          <p className={layout.muted}>None in the last 30 days.</p>
        ) : null}
        {!waits && events.length > 0 ? (
          <ul className={layout.list}>
            {events.map((event) => (
              <Line key={event.id} event={event} />
            ))}
          </ul>
        ) : null}
      </div>
    </section>
  );
}

function Line({ event }: { event: Event }) {
  const bad = event.severity === "error";
  return (
    <li className={layout.wrap}>
      <StatusBadge tone={bad ? "bad" : "warn"}>{bad ? "Error" : "Warning"}</StatusBadge>{" "}
      {event.pipeline ? (
        <>
          <Link to={`/pipelines/${encodeURIComponent(event.pipeline)}`}>{event.pipeline}</Link>:{" "}
        </>
      ) : null}
      {event.message}{" "}
      <span className={`${layout.muted} ${layout.small}`}>
        <Moment at={event.time} />
      </span>
    </li>
  );
}
