import { NativeSelect, TextInput } from "@mantine/core";
import { SchemaPolicyFields } from "@/components/SchemaPolicyFields";
import { poisonPolicies, valuePolicies } from "@/lib/choices";
import layout from "@/styles/layout.module.css";
import type { Options } from "./draft";
import { useDraft } from "./draft_context";

/** What most leave as it is. */
export function OptionFields({ derivedName }: { derivedName: string | undefined }) {
  const { draft, change } = useDraft();
  const { options } = draft;

  function set<Name extends keyof Options>(name: Name, value: string) {
    change((before) => ({ ...before, options: { ...before.options, [name]: value } }));
  }

  /** What label, value and change have in common. */
  function field<Name extends keyof Options>(name: Name, label: string, description: string) {
    return {
      label,
      description,
      value: options[name],
      onChange: (event: { currentTarget: { value: string } }) => set(name, event.currentTarget.value),
    };
  }

  return (
    <div className={layout.stack}>
      <div className={layout.fields}>
        <TextInput {...field("name", "Name", "Capital letters, digits and _")} placeholder={derivedName} />
        <NativeSelect
          {...field("engine", "Engine", "Embedded needs nothing else and never shows half a transaction")}
          data={[
            { value: "embedded", label: "Embedded" },
            { value: "kafka-connect", label: "Kafka Connect (a cluster that you run)" },
          ]}
        />
        <NativeSelect
          {...field("snapshot", "What is there already", "Whether rows that exist are copied first")}
          data={[
            { value: "initial", label: "Copy, then follow changes" },
            { value: "no_data", label: "Follow changes only" },
          ]}
        />
        <NativeSelect
          {...field("valuePolicy", "Values SQL Server cannot hold", "Infinity, dates before year 1, …")}
          data={valuePolicies}
        />
        <NativeSelect
          {...field("truncate", "TRUNCATE on the source", "Whether it empties the copy too")}
          data={[
            { value: "auto", label: "As the engine does usually" },
            { value: "apply", label: "Empty the copy" },
            { value: "ignore", label: "Keep the copy's rows" },
          ]}
        />
        <NativeSelect
          {...field("loadPolicy", "Target tables that hold rows", "Before the first load")}
          data={[
            { value: "fail", label: "Refuse them" },
            { value: "truncate", label: "Empty them first" },
            { value: "swap", label: "Keep them until the new rows are there" },
          ]}
        />
        <TextInput
          {...field("loadWorkers", "Load workers", "Connections that copy at the same time, 1 to 64")}
          inputMode="numeric"
        />
        <TextInput {...field("slot", "Slot", "On PostgreSQL; empty: from the name")} />
        <TextInput {...field("publication", "Publication", "On PostgreSQL; empty: from the name")} />
        <NativeSelect
          {...field(
            "slotFailover",
            "Slot on standbys",
            "PostgreSQL 17 and later; the review says what a standby needs",
          )}
          data={[
            { value: "no", label: "On this server alone" },
            { value: "yes", label: "Standbys take it over at a failover" },
          ]}
        />
      </div>
      {options.engine === "embedded" ? (
        <>
          <div className={layout.fields}>
            <NativeSelect
              {...field("poison", "Rows the target refuses", "Never skipped in silence")}
              data={poisonPolicies}
            />
          </div>
          <SchemaPolicyFields value={options.schemaPolicy} onChange={(value) => set("schemaPolicy", value)} />
        </>
      ) : (
        <div className={layout.fields}>
          <TextInput {...field("connectUrl", "Kafka Connect's address", "http(s)://host:8083")} required />
          <TextInput
            {...field("kafkaBootstrap", "Kafka's bootstrap servers", "host:port,…; for lag and the heartbeat")}
          />
        </div>
      )}
    </div>
  );
}
