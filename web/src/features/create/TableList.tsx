import { Button } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useRef } from "react";
import type { SourceTable } from "@/api/types";
import { StatusBadge } from "@/components/StatusBadge";
import { bytes, count } from "@/lib/format";
import { isChanged, type TableChoice, tableKey } from "./draft";
import styles from "./TablesStep.module.css";

const kRowHeight = 52;

interface Props {
  tables: SourceTable[];
  selected: Record<string, TableChoice>;
  onSelect: (table: SourceTable, on: boolean) => void;
  onOpen: (table: SourceTable) => void;
}

/** Only the rows that can be seen are in the page, however many there are. */
export function TableList({ tables, selected, onSelect, onOpen }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: tables.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => kRowHeight,
    overscan: 8,
    getItemKey: (index) => {
      const table = tables[index];
      return table ? tableKey(table.schema, table.name) : index;
    },
  });
  return (
    <div>
      <div className={styles.head} aria-hidden>
        <span className={styles.box} />
        <span>Table</span>
        <span className={styles.number}>Rows, about</span>
        <span className={styles.number}>Size</span>
        <span>Key</span>
        <span>Choices</span>
      </div>
      <div ref={scroller} className={styles.scroller}>
        <ul className={styles.rows} style={{ height: rows.getTotalSize() }} aria-label="Tables of the source">
          {rows.getVirtualItems().map((row) => {
            const table = tables[row.index];
            if (!table) return null;
            return (
              <TableRow
                key={row.key}
                table={table}
                choice={selected[tableKey(table.schema, table.name)]}
                start={row.start}
                place={row.index + 1}
                of={tables.length}
                onSelect={onSelect}
                onOpen={onOpen}
              />
            );
          })}
        </ul>
      </div>
    </div>
  );
}

interface RowProps {
  table: SourceTable;
  choice: TableChoice | undefined;
  start: number;
  place: number;
  of: number;
  onSelect: Props["onSelect"];
  onOpen: Props["onOpen"];
}

const TableRow = memo(
  function TableRow({ table, choice, start, place, of, onSelect, onOpen }: RowProps) {
    const name = `${table.schema}.${table.name}`;
    return (
      <li
        className={styles.item}
        data-replicable={table.replicable}
        style={{ height: kRowHeight, transform: `translateY(${start}px)` }}
        aria-posinset={place}
        aria-setsize={of}
      >
        <input
          type="checkbox"
          className={styles.box}
          aria-label={`Replicate ${name}`}
          checked={choice !== undefined}
          disabled={!table.replicable && choice === undefined}
          onChange={(event) => onSelect(table, event.currentTarget.checked)}
        />
        <div className={styles.name}>
          <span className={styles.line} title={name}>
            {name}
          </span>
          <span className={`${styles.line} ${styles.note}`}>{noteOf(table, choice)}</span>
        </div>
        <span className={`${styles.number} ${styles.wide}`}>{count(table.estimatedRows)}</span>
        <span className={`${styles.number} ${styles.wide}`}>{bytes(table.bytes)}</span>
        <span className={`${styles.name} ${styles.wide}`}>
          <span className={styles.line} title={table.key.join(", ")}>
            {keyWords(table)}
          </span>
          {table.replicaIdentity === "default" ? null : (
            <span className={`${styles.line} ${styles.note}`}>identity {table.replicaIdentity}</span>
          )}
        </span>
        {table.replicable ? (
          <Button
            variant="default"
            size="compact-xs"
            aria-label={`${choice && isChanged(choice) ? "Changed" : "Choices"} for ${name}`}
            onClick={() => onOpen(table)}
          >
            {choice && isChanged(choice) ? "Changed" : "Choices"}
          </Button>
        ) : (
          <Button variant="default" size="compact-xs" aria-label={`Why not? ${name}`} onClick={() => onOpen(table)}>
            Why not?
          </Button>
        )}
      </li>
    );
  },
  (before, next) =>
    before.table === next.table &&
    before.choice === next.choice &&
    before.start === next.start &&
    before.of === next.of,
);

function noteOf(table: SourceTable, choice: TableChoice | undefined) {
  if (!table.replicable) return <StatusBadge tone="bad">Cannot be replicated</StatusBadge>;
  const target = choice?.targetName ? `→ ${choice.targetName} · ` : "";
  const remarks = table.issues.length > 0 ? ` · ${table.issues[0]?.message}` : "";
  return `${target}${table.columnCount} columns${table.partitioned ? ", partitioned" : ""}${remarks}`;
}

function keyWords(table: SourceTable): string {
  if (table.keyKind === "none") return "no key";
  return table.keyKind === "primary-key" ? "primary key" : "unique index";
}
