import { useMemo } from "react";
import type { PipelinePlan, PlannedTable } from "@/api/types";
import { CodeBlock } from "@/components/CodeBlock";
import { Findings } from "@/components/Findings";
import { QueryView } from "@/components/QueryView";
import { StatusBadge } from "@/components/StatusBadge";
import { bytes, count, counted } from "@/lib/format";
import layout from "@/styles/layout.module.css";
import type { PlanState } from "./CreatePage";
import { OptionFields } from "./OptionFields";

/** What is going to happen, before anything happens. */
export function ReviewStep({ plan }: { plan: PlanState }) {
  return (
    <div className={layout.stack}>
      <details className={layout.card}>
        <summary>Name, engine and policies</summary>
        <OptionFields derivedName={plan.data?.pipeline} />
      </details>
      <QueryView query={plan} what="the plan">
        {(found) => <PlanView plan={found} />}
      </QueryView>
    </div>
  );
}

function PlanView({ plan }: { plan: PipelinePlan }) {
  const remarks = plan.findings.filter((finding) => finding.severity !== "ok");
  const passed = plan.findings.length - remarks.length;
  const errors = remarks.filter((finding) => finding.severity === "error").length;
  return (
    <>
      <section className={layout.card} aria-labelledby="plan">
        <div className={layout.stack}>
          <h2 id="plan">{plan.pipeline}</h2>
          <dl className={layout.facts}>
            <dt>Engine</dt>
            <dd>{plan.engine === "embedded" ? "Embedded: this server carries the rows" : "Kafka Connect"}</dd>
            <dt>Tables</dt>
            <dd>
              {counted(plan.tables.length, "table")}, about {count(sum(plan.tables, "estimatedRows"))} rows,{" "}
              {bytes(sum(plan.tables, "bytes"))}
            </dd>
            <dt>On the source</dt>
            <dd>
              slot {plan.slot}
              {plan.adoptsSlot ? " (exists)" : " (new)"}, publication {plan.publication}
              {plan.adoptsPublication ? " (exists)" : " (new)"}
            </dd>
            <dt>On the target</dt>
            <dd>
              {counted(plan.tables.filter((table) => !table.exists).length, "new table")}
              {plan.tables.some((table) => table.exists)
                ? `, ${plan.tables.filter((table) => table.exists).length} used as they are`
                : ""}
              , and schema millrace for the position and staging
            </dd>
          </dl>
        </div>
      </section>
      <section className={layout.card} aria-labelledby="preflight">
        <div className={layout.stack}>
          <div className={layout.row}>
            <h2 id="preflight">Preflight</h2>
            <StatusBadge tone={errors > 0 ? "bad" : remarks.length > 0 ? "warn" : "good"}>
              {errors > 0 ? `${errors} to fix first` : remarks.length > 0 ? "Ready, with remarks" : "Ready"}
            </StatusBadge>
            <span className={layout.muted}>{passed > 0 ? `${counted(passed, "check")} passed` : ""}</span>
          </div>
          <Findings findings={remarks} />
          {errors > 0 && plan.grantScript ? (
            <details>
              <summary>All rights that are needed, in one script</summary>
              <CodeBlock text={plan.grantScript} what="the grant script" />
            </details>
          ) : null}
        </div>
      </section>
      <section className={layout.card} aria-labelledby="planned-tables">
        <h2 id="planned-tables">Tables</h2>
        <PlannedTables tables={plan.tables} />
      </section>
      <section className={layout.card} aria-labelledby="statements">
        <div className={layout.stack}>
          <h2 id="statements">For those who want to see it all</h2>
          <details>
            <summary>Statements on PostgreSQL ({plan.sourceStatements.length})</summary>
            <CodeBlock text={plan.sourceStatements.join("\n")} what="the statements on PostgreSQL" />
          </details>
          <details>
            <summary>DDL on SQL Server ({plan.targetDdl.length})</summary>
            <CodeBlock text={plan.targetDdl.join("\n\n")} what="the DDL on SQL Server" />
          </details>
          {Object.entries(plan.connectors).map(([name, config]) => (
            <details key={name}>
              <summary>Connector {name}</summary>
              <CodeBlock text={JSON.stringify(config, null, 2)} what={`the config of ${name}`} />
            </details>
          ))}
        </div>
      </section>
    </>
  );
}

const kShownTables = 200;

function PlannedTables({ tables }: { tables: PlannedTable[] }) {
  const shown = useMemo(() => tables.slice(0, kShownTables), [tables]);
  return (
    <div className={layout.stack}>
      {shown.map((table) => (
        <details key={table.source}>
          <summary>
            <span className={layout.wrap}>
              {table.source} → {table.target}
            </span>{" "}
            <span className={layout.muted}>
              {counted(table.columns.length, "column")}, {table.exists ? "exists" : "new"}
              {table.leftOut.length > 0 ? `, without ${table.leftOut.join(", ")}` : ""}
            </span>
          </summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
          <div className={layout.scroll} tabIndex={0} role="region" aria-label={`Columns of ${table.source}`}>
            <table className={layout.table}>
              <thead>
                <tr>
                  <th scope="col">Column</th>
                  <th scope="col">PostgreSQL</th>
                  <th scope="col">SQL Server</th>
                  <th scope="col">Remarks</th>
                </tr>
              </thead>
              <tbody>
                {table.columns.map((column) => (
                  <tr key={column.name}>
                    <th scope="row">
                      {column.name}
                      {column.targetName === column.name ? "" : ` → ${column.targetName}`}
                      {column.key ? " (key)" : ""}
                    </th>
                    <td className={layout.mono}>{column.sourceType}</td>
                    <td className={layout.mono}>
                      {column.targetType}
                      {column.nullable ? "" : " NOT NULL"}
                    </td>
                    <td>{[...(column.policy ? [`policy ${column.policy}`] : []), ...column.notes].join("; ")}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {table.ddl ? <CodeBlock text={table.ddl} what={`the DDL of ${table.target}`} /> : null}
        </details>
      ))}
      {tables.length > shown.length ? (
        <p className={layout.muted}>
          The first {shown.length} of {tables.length.toLocaleString()}; the DDL below has all of them.
        </p>
      ) : null}
    </div>
  );
}

function sum(tables: PlannedTable[], member: "estimatedRows" | "bytes"): string {
  return tables.reduce((total, table) => total + BigInt(table[member] ?? 0), 0n).toString();
}
