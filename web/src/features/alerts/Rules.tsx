import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { keys } from "@/api/keys";
import type { AlertRule } from "@/api/types";
import { useMay } from "@/app/session";
import { useWindow } from "@/app/useWindow";
import { type Column, DataTable } from "@/components/DataTable";
import { QueryView } from "@/components/QueryView";
import { StatusBadge } from "@/components/StatusBadge";
import { useToasts } from "@/components/Toasts";
import layout from "@/styles/layout.module.css";
import { setRule, useChannels, useRules } from "./queries";
import { RuleDialog } from "./RuleDialog";
import { ruleTitles, ruleWhen } from "./rule";

export function Rules() {
  const rules = useRules();
  const channels = useChannels();
  const mayWrite = useMay("alerts.write");
  const client = useQueryClient();
  const toasts = useToasts();
  const form = useWindow();
  const editing = rules.data?.items.find(({ rule }) => form.what === "rule" && rule === form.id);
  const names = new Map(channels.data?.items.map(({ id, name }) => [id, name]));

  async function save(rule: AlertRule) {
    await setRule(rule);
    toasts.done(`${ruleTitles[rule.rule]}: saved.`);
    await client.invalidateQueries({ queryKey: keys.alertRules });
  }

  const columns: Column<AlertRule>[] = [
    {
      heading: "Rule",
      cell: (rule) => (
        <>
          {ruleTitles[rule.rule]}
          <div className={`${layout.muted} ${layout.small}`}>{ruleWhen(rule)}</div>
        </>
      ),
    },
    {
      heading: "State",
      cell: (rule) =>
        rule.enabled ? <StatusBadge tone="good">On</StatusBadge> : <StatusBadge tone="quiet">Off</StatusBadge>,
    },
    { heading: "Pipelines", cell: (rule) => (rule.pipelines.length === 0 ? "all" : rule.pipelines.join(", ")) },
    {
      heading: "Told to",
      cell: (rule) =>
        rule.channels.length === 0 ? "all channels" : rule.channels.map((id) => names.get(id) ?? id).join(", "),
    },
  ];
  if (mayWrite) {
    columns.push({
      heading: "Actions",
      actions: true,
      cell: (rule) => (
        <Button
          variant="default"
          size="xs"
          aria-label={`Change: ${ruleTitles[rule.rule]}`}
          onClick={() => form.open("rule", rule.rule)}
        >
          Change
        </Button>
      ),
    });
  }

  return (
    <section className={layout.stack} aria-labelledby="rules">
      <h2 id="rules">Rules</h2>
      <QueryView query={rules} what="rules">
        {({ items }) => <DataTable caption="Rules" columns={columns} rows={items} rowKey={(rule) => rule.rule} />}
      </QueryView>
      {mayWrite && editing ? (
        <RuleDialog
          key={editing.rule}
          rule={editing}
          channels={channels.data?.items ?? []}
          onClose={form.close}
          save={save}
        />
      ) : null}
    </section>
  );
}
