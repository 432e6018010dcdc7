import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { keys } from "@/api/keys";
import type { Connector } from "@/api/types";
import { useMay } from "@/app/session";
import { StatusBadge, type Tone } from "@/components/StatusBadge";
import { useToasts } from "@/components/Toasts";
import layout from "@/styles/layout.module.css";
import { restartConnector, restartTask } from "./queries";

function toneOf(state: string): Tone {
  if (state === "RUNNING") return "good";
  if (state === "FAILED" || state === "MISSING") return "bad";
  return "quiet";
}

/** Kafka Connect's part of a pipeline, down to the tasks: a running connector with a failed task moves nothing. */
export function Connectors({ name, connectors }: { name: string; connectors: Connector[] }) {
  const mayOperate = useMay("pipelines.operate");
  const client = useQueryClient();
  const toasts = useToasts();
  const restart = useMutation({
    mutationFn: ({ connector, task }: { connector: string; task?: number }) =>
      task === undefined ? restartConnector(name, connector) : restartTask(name, connector, task),
    onSuccess: (connector) => toasts.done(`${connector.name} restarts.`),
    onError: toasts.failed,
    onSettled: () => client.invalidateQueries({ queryKey: keys.progress(name) }),
  });
  if (connectors.length === 0) return null;
  return (
    <section className={layout.card} aria-labelledby="connectors">
      <div className={layout.stack}>
        <h2 id="connectors">Connectors</h2>
        {connectors.map((connector) => (
          <div key={connector.name} className={layout.stack}>
            <div className={layout.row}>
              <h3 className={layout.wrap}>{connector.name}</h3>
              <StatusBadge tone={toneOf(connector.state)}>{connector.state}</StatusBadge>
              {mayOperate ? (
                <Button
                  variant="default"
                  size="compact-xs"
                  aria-label={`Restart ${connector.name}`}
                  onClick={() => restart.mutate({ connector: connector.name })}
                >
                  Restart
                </Button>
              ) : null}
            </div>
            {connector.rootCause ? <p className={layout.wrap}>{connector.rootCause}</p> : null}
            <ul className={layout.list}>
              {connector.tasks.map((task) => (
                <li key={task.id} className={layout.row}>
                  <span>Task {task.id}</span>
                  <StatusBadge tone={toneOf(task.state ?? "")}>{task.state ?? "unknown"}</StatusBadge>
                  <span className={layout.muted}>{task.worker}</span>
                  {task.rootCause ? <span className={layout.wrap}>{task.rootCause}</span> : null}
                  {mayOperate && task.state === "FAILED" ? (
                    <Button
                      variant="default"
                      size="compact-xs"
                      aria-label={`Restart task ${task.id} of ${connector.name}`}
                      onClick={() => restart.mutate({ connector: connector.name, task: task.id ?? 0 })}
                    >
                      Restart
                    </Button>
                  ) : null}
                </li>
              ))}
            </ul>
          </div>
        ))}
      </div>
    </section>
  );
}
