import { ActionIcon, Checkbox, Menu, Progress } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { memo, useState } from "react";
import { Link } from "react-router";
import { keys } from "@/api/keys";
import { useSession } from "@/app/session";
import { ConfirmModal } from "@/components/ConfirmModal";
import { Moment } from "@/components/Moment";
import { StatusBadge } from "@/components/StatusBadge";
import { useToasts } from "@/components/Toasts";
import { bytes, count, duration, rate } from "@/lib/format";
import { reloadTable, removeTable } from "./queries";
import styles from "./TableRow.module.css";
import { copyPercent, type TableView, tableStates } from "./tables";

interface Props {
  pipeline: string;
  table: TableView;
}

export const TableRow = memo(function TableRow({ pipeline, table }: Props) {
  const look = tableStates[table.state] ?? { word: table.state, tone: "quiet" as const };
  const share = copyPercent(table);
  return (
    <li className={styles.row}>
      <div>
        <span className={styles.name}>{table.table}</span>
        <p className={styles.note}>→ {table.target || "the same name"}</p>
      </div>
      <div>
        <StatusBadge tone={look.tone} icon={"busy" in look && look.busy ? "busy" : undefined}>
          {look.word}
        </StatusBadge>
        {share === null ? null : <Progress value={share} mt={6} aria-label={`${share}% of ${table.table} is copied`} />}
        {table.state === "copying" ? (
          <p className={styles.note}>
            {count(table.rows)} of about {count(table.estimatedRows)} rows, {rate(table.rowsPerS)}
            {table.secondsLeft === null || table.secondsLeft === undefined
              ? ""
              : `, ${duration(table.secondsLeft)} left`}
          </p>
        ) : (
          <p className={styles.note}>
            {count(table.rows)} rows loaded{table.bytes ? `, ${bytes(table.bytes)}` : ""}
          </p>
        )}
      </div>
      <div>
        <span className={styles.note}>Applied in this run</span>
        <div>
          {count(table.inserts)} inserts, {count(table.updates)} updates, {count(table.deletes)} deletes
          {table.truncates === "0" ? "" : `, ${count(table.truncates)} truncates`}
        </div>
      </div>
      <div>
        <span className={styles.note}>Last change</span>
        <div>
          <Moment at={table.lastChangeAt} never="none" />
        </div>
      </div>
      <TableActions pipeline={pipeline} table={table} />
    </li>
  );
});

function TableActions({ pipeline, table }: Props) {
  const { may } = useSession();
  const client = useQueryClient();
  const toasts = useToasts();
  const [asking, setAsking] = useState<"reload" | "remove" | null>(null);
  const [drop, setDrop] = useState(false);
  if (!(may("pipelines.operate") || may("pipelines.update"))) return <span />;

  async function done(words: string) {
    toasts.done(words);
    await client.invalidateQueries({ queryKey: keys.pipeline(pipeline) });
  }

  return (
    <>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon variant="default" size="lg" aria-label={`Actions for ${table.table}`}>
            <IconDots size={18} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {may("pipelines.operate") ? (
            <>
              <Menu.Item component={Link} to={`../verify?table=${encodeURIComponent(table.table)}`} relative="path">
                Verify…
              </Menu.Item>
              <Menu.Item onClick={() => setAsking("reload")}>Reload…</Menu.Item>
            </>
          ) : null}
          {may("pipelines.update") ? (
            <Menu.Item color="red" onClick={() => setAsking("remove")}>
              Remove…
            </Menu.Item>
          ) : null}
        </Menu.Dropdown>
      </Menu>
      <ConfirmModal
        opened={asking === "reload"}
        onClose={() => setAsking(null)}
        title={`Reload ${table.table}`}
        confirm="Reload the table"
        danger={false}
        run={async () => {
          await reloadTable(pipeline, table.table);
          await done(`${table.table} is being loaded anew.`);
        }}
      >
        <p>
          The copy {table.target} is emptied and filled again from the source. Until that is done it holds fewer rows.
          The other tables go on meanwhile.
        </p>
      </ConfirmModal>
      <ConfirmModal
        opened={asking === "remove"}
        onClose={() => setAsking(null)}
        title={`Remove ${table.table}`}
        confirm="Remove the table"
        typed={table.table}
        run={async () => {
          await removeTable(pipeline, table.table, drop);
          await done(`${table.table} was taken out.`);
        }}
      >
        <p>Changes to {table.table} are no longer copied. The source's table stays as it is.</p>
        <Checkbox
          label={`Drop the copy ${table.target} too`}
          checked={drop}
          onChange={(event) => setDrop(event.currentTarget.checked)}
        />
      </ConfirmModal>
    </>
  );
}
