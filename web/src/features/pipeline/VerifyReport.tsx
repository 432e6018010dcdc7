import { Problem } from "@/api/problem";
import type { Operation, ProblemBody, RowDifference, VerifyResult } from "@/api/types";
import { ProblemPanel } from "@/components/ProblemPanel";
import { StatusBadge } from "@/components/StatusBadge";
import { count } from "@/lib/format";
import layout from "@/styles/layout.module.css";

export function VerifyReport({ operation }: { operation: Operation }) {
  if (operation.state === "running") {
    return (
      <p role="status" className={layout.muted}>
        {operation.progress.at(-1)?.message ?? "Comparing…"}
      </p>
    );
  }
  if (operation.problem) {
    return <ProblemPanel problem={new Problem({ status: 0, ...(operation.problem as Partial<ProblemBody>) })} />;
  }
  const result = operation.result as VerifyResult | null;
  if (!result) return <p className={layout.muted}>It was called off.</p>;
  return (
    <div className={layout.stack}>
      <p>
        <StatusBadge tone={result.equal ? "good" : "bad"}>{result.equal ? "All equal" : "Rows differ"}</StatusBadge>
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <div className={layout.scroll} tabIndex={0} role="region" aria-label="Tables compared">
        <table className={layout.table}>
          <thead>
            <tr>
              <th scope="col">Table</th>
              <th scope="col">Result</th>
              <th scope="col">Source rows</th>
              <th scope="col">Target rows</th>
              <th scope="col">Missing</th>
              <th scope="col">Extra</th>
              <th scope="col">Different</th>
              <th scope="col">Repaired</th>
            </tr>
          </thead>
          <tbody>
            {result.tables.map((table) => (
              <tr key={table.table}>
                <th scope="row">{table.table}</th>
                <td>
                  <StatusBadge
                    tone={table.result === "equal" ? "good" : table.result === "different" ? "bad" : "quiet"}
                  >
                    {table.result ?? ""}
                  </StatusBadge>
                </td>
                <td className={layout.number}>{count(table.sourceRows)}</td>
                <td className={layout.number}>{count(table.targetRows)}</td>
                <td className={layout.number}>{count(table.missing)}</td>
                <td className={layout.number}>{count(table.extra)}</td>
                <td className={layout.number}>{count(table.different)}</td>
                <td className={layout.number}>{count(table.repaired)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {result.tables
        .filter((table) => table.rows?.length)
        .map((table) => (
          <details key={table.table} open>
            <summary>Rows of {table.table} that differ</summary>
            <ul className={layout.list}>
              {table.rows?.map((row, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: rows without a key have nothing else
                <li key={index}>
                  <Difference row={row} />
                </li>
              ))}
            </ul>
          </details>
        ))}
    </div>
  );
}

const kFaults: Record<string, string> = {
  missing: "missing on the target",
  extra: "on the target alone",
  different: "different",
};

function Difference({ row }: { row: RowDifference }) {
  return (
    <>
      <span className={layout.mono}>
        {row.key?.map((part) => `${part.column}=${part.value ?? "NULL"}`).join(", ") || "no key"}
      </span>{" "}
      {kFaults[row.fault ?? ""] ?? row.fault}
      {row.note ? ` (${row.note})` : ""}
      {row.columns?.map((column) => (
        <p key={column.column} className={layout.mono}>
          {column.column}: {column.source ?? "NULL"} → {column.target ?? "NULL"}
        </p>
      ))}
    </>
  );
}
