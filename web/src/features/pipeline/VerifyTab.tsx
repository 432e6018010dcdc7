import { Button, Checkbox, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { useSearchParams } from "react-router";
import { keys } from "@/api/keys";
import { useOperation, useOperationsOf } from "@/app/operations";
import { useSession } from "@/app/session";
import { EmptyState } from "@/components/EmptyState";
import { Moment } from "@/components/Moment";
import { ProblemPanel } from "@/components/ProblemPanel";
import { QueryView } from "@/components/QueryView";
import { useTyped } from "@/components/useTyped";
import layout from "@/styles/layout.module.css";
import { usePipelineContext } from "./PipelinePage";
import { startVerify } from "./queries";
import { VerifyReport } from "./VerifyReport";

/** Source and target compared value by value, and made equal where somebody wants it. */
export function VerifyTab() {
  const { pipeline } = usePipelineContext();
  const { may } = useSession();
  const operations = useOperationsOf(pipeline.name);
  return (
    <div className={layout.stack}>
      {may("pipelines.operate") ? <Start pipeline={pipeline.name} mayRepair={may("pipelines.repair")} /> : null}
      <QueryView query={operations} what="results">
        {(all) => {
          const found = all.filter((operation) => operation.kind === "pipeline.verify");
          return found.length === 0 ? (
            <EmptyState heading="Not verified yet">
              <p>
                Verify reads both sides and names every row that differs. It changes nothing unless repair is asked.
              </p>
            </EmptyState>
          ) : (
            found.map((operation, index) => (
              <details key={operation.id} className={layout.card} open={index === 0}>
                <summary>
                  Verified <Moment at={operation.createdAt} /> by {operation.actor}
                </summary>
                <Result id={operation.id} />
              </details>
            ))
          );
        }}
      </QueryView>
    </div>
  );
}

function Start({ pipeline, mayRepair }: { pipeline: string; mayRepair: boolean }) {
  const client = useQueryClient();
  const [params] = useSearchParams();
  const { me } = useSession();
  const { form, change, forget } = useTyped(`verify ${me.tenant?.id} ${pipeline} ${params.get("table") ?? ""}`, {
    tables: params.get("table") ?? "",
    repair: false,
  });
  const { tables, repair } = form;
  const start = useMutation({
    mutationFn: () =>
      startVerify(
        pipeline,
        tables
          .split(",")
          .map((name) => name.trim())
          .filter(Boolean),
        repair,
      ),
    onSuccess: () => {
      forget();
      return client.invalidateQueries({ queryKey: keys.operations });
    },
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    start.mutate();
  }

  return (
    <form className={`${layout.card} ${layout.stack}`} onSubmit={submit}>
      <TextInput
        label="Tables"
        description="Names with commas between them; empty: all"
        value={tables}
        onChange={(event) => change({ tables: event.currentTarget.value })}
      />
      {mayRepair ? (
        <Checkbox
          label="Repair what differs"
          description="Writes the source's rows to the target, and deletes rows that the source does not have"
          checked={repair}
          onChange={(event) => change({ repair: event.currentTarget.checked })}
        />
      ) : null}
      {start.isError ? <ProblemPanel problem={start.error} /> : null}
      <div>
        <Button type="submit" loading={start.isPending}>
          {repair ? "Verify and repair" : "Verify"}
        </Button>
      </div>
    </form>
  );
}

function Result({ id }: { id: string }) {
  const operation = useOperation(id);
  return (
    <QueryView query={operation} what="the result">
      {(found) => <VerifyReport operation={found} />}
    </QueryView>
  );
}
