import type { ReactNode } from "react";
import styles from "./DataTable.module.css";

export interface Column<Row> {
  heading: string;
  cell: (row: Row) => ReactNode;
  number?: boolean;
  /** Buttons: at the right, with a heading for screen readers alone. */
  actions?: boolean;
}

interface Props<Row> {
  /** Said by screen readers: "API keys". */
  caption: string;
  /** The first names its row. */
  columns: Column<Row>[];
  rows: Row[];
  rowKey: (row: Row) => string;
}

/**
 * A table that becomes a list of blocks on a narrow screen. The roles are written out because browsers forget those of
 * a table whose rows are blocks.
 */
export function DataTable<Row>({ caption, columns, rows, rowKey }: Props<Row>) {
  return (
    <table className={styles.table} role="table" aria-label={caption}>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map(({ heading, number, actions }) => (
            <th key={heading} role="columnheader" scope="col" className={number ? styles.number : undefined}>
              {actions ? <span className="visually-hidden">{heading}</span> : heading}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr key={rowKey(row)} role="row">
            {columns.map((column, place) =>
              place === 0 ? (
                <th key={column.heading} role="rowheader" scope="row">
                  {column.cell(row)}
                </th>
              ) : (
                <td key={column.heading} role="cell" className={kindOf(column)}>
                  {column.actions ? null : (
                    <span className={styles.label} aria-hidden>
                      {column.heading}
                    </span>
                  )}
                  {column.cell(row)}
                </td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function kindOf<Row>({ number, actions }: Column<Row>): string | undefined {
  if (actions) return styles.actions;
  return number ? styles.number : undefined;
}
