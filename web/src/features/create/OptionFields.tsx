import { NativeSelect, TextInput } from "@mantine/core";
import { useEffect, useState } from "react";
import layout from "@/styles/layout.module.css";
import type { Options } from "./draft";
import { useDraft } from "./draft_context";

const kTypingMs = 800;

/** What most leave as it is. The plan is made anew shortly after a change. */
export function OptionFields({ derivedName }: { derivedName: string | undefined }) {
  const { draft, change } = useDraft();
  const [options, setOptions] = useState(draft.options);
  const set = (more: Partial<Options>) => setOptions((before) => ({ ...before, ...more }));

  useEffect(() => {
    if (options === draft.options) return;
    const timer = setTimeout(() => change((before) => ({ ...before, options })), kTypingMs);
    return () => clearTimeout(timer);
  }, [options, draft.options, change]);

  const embedded = options.engine === "embedded";
  return (
    <div className={layout.stack}>
      <div className={layout.fields}>
        <TextInput
          label="Name"
          description="Capital letters, digits and _"
          placeholder={derivedName}
          value={options.name}
          onChange={(event) => set({ name: event.currentTarget.value })}
        />
        <NativeSelect
          label="Engine"
          description="Embedded needs nothing else and never shows half a transaction"
          value={options.engine}
          data={[
            { value: "embedded", label: "Embedded" },
            { value: "kafka-connect", label: "Kafka Connect (a cluster that you run)" },
          ]}
          onChange={(event) => set({ engine: event.currentTarget.value as Options["engine"] })}
        />
        <NativeSelect
          label="What is there already"
          description="Whether rows that exist are copied first"
          value={options.snapshot}
          data={[
            { value: "initial", label: "Copy, then follow changes" },
            { value: "no_data", label: "Follow changes only" },
          ]}
          onChange={(event) => set({ snapshot: event.currentTarget.value as Options["snapshot"] })}
        />
        <NativeSelect
          label="Values SQL Server cannot hold"
          description="Infinity, dates before year 1, …"
          value={options.valuePolicy}
          data={[
            { value: "fail", label: "Stop and say so" },
            { value: "null", label: "NULL instead" },
            { value: "clamp", label: "The nearest value instead" },
            { value: "text", label: "Make the column text" },
          ]}
          onChange={(event) => set({ valuePolicy: event.currentTarget.value as Options["valuePolicy"] })}
        />
        <NativeSelect
          label="TRUNCATE on the source"
          description="Whether it empties the copy too"
          value={options.truncate}
          data={[
            { value: "auto", label: "As the engine does usually" },
            { value: "apply", label: "Empty the copy" },
            { value: "ignore", label: "Keep the copy's rows" },
          ]}
          onChange={(event) => set({ truncate: event.currentTarget.value as Options["truncate"] })}
        />
        <TextInput
          label="Slot"
          description="On PostgreSQL; empty: from the name"
          value={options.slot}
          onChange={(event) => set({ slot: event.currentTarget.value })}
        />
        <TextInput
          label="Publication"
          description="On PostgreSQL; empty: from the name"
          value={options.publication}
          onChange={(event) => set({ publication: event.currentTarget.value })}
        />
      </div>
      {embedded ? (
        <div className={layout.fields}>
          <NativeSelect
            label="Changed columns on the source"
            description="What the copy does when a table is altered"
            value={options.schemaPolicy}
            data={[
              { value: "apply", label: "Change the copy too" },
              { value: "pause", label: "Stop and ask" },
              { value: "ignore", label: "Leave the copy as it is" },
            ]}
            onChange={(event) => set({ schemaPolicy: event.currentTarget.value as Options["schemaPolicy"] })}
          />
          <NativeSelect
            label="Rows the target refuses"
            description="Never skipped in silence"
            value={options.poison}
            data={[
              { value: "stop", label: "Stop and say which" },
              { value: "quarantine", label: "Set them aside and go on" },
            ]}
            onChange={(event) => set({ poison: event.currentTarget.value as Options["poison"] })}
          />
          <NativeSelect
            label="Target tables that hold rows"
            description="Before the first load"
            value={options.loadPolicy}
            data={[
              { value: "fail", label: "Refuse them" },
              { value: "truncate", label: "Empty them first" },
            ]}
            onChange={(event) => set({ loadPolicy: event.currentTarget.value as Options["loadPolicy"] })}
          />
          <TextInput
            label="Load workers"
            description="Connections that copy at the same time, 1 to 64"
            inputMode="numeric"
            value={options.loadWorkers}
            onChange={(event) => set({ loadWorkers: event.currentTarget.value })}
          />
        </div>
      ) : (
        <div className={layout.fields}>
          <TextInput
            label="Kafka Connect's address"
            description="http(s)://host:8083"
            required
            value={options.connectUrl}
            onChange={(event) => set({ connectUrl: event.currentTarget.value })}
          />
          <TextInput
            label="Kafka's bootstrap servers"
            description="host:port,…; for lag and the heartbeat"
            value={options.kafkaBootstrap}
            onChange={(event) => set({ kafkaBootstrap: event.currentTarget.value })}
          />
        </div>
      )}
    </div>
  );
}
