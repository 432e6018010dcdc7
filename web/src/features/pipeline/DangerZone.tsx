import { Button, Checkbox } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { keys } from "@/api/keys";
import { ConfirmModal } from "@/components/ConfirmModal";
import { useToasts } from "@/components/Toasts";
import layout from "@/styles/layout.module.css";
import { usePipelineContext } from "./PipelinePage";
import { deletePipeline, type Removal, useProgress } from "./queries";

export function DangerZone() {
  const { pipeline } = usePipelineContext();
  const navigate = useNavigate();
  const client = useQueryClient();
  const toasts = useToasts();
  const [asking, setAsking] = useState(false);
  const [removal, setRemoval] = useState<Removal>({ dropTables: false, dropTopics: false, force: false });
  const slot = useProgress(pipeline.name).data?.slot?.name;
  const kafka = pipeline.engine !== "embedded";

  return (
    <section className={`${layout.card} ${layout.stack}`} aria-labelledby="danger">
      <h2 id="danger">Danger zone</h2>
      <div>
        <Button color="red" variant="outline" onClick={() => setAsking(true)}>
          Delete the pipeline…
        </Button>
      </div>
      <ConfirmModal
        opened={asking}
        onClose={() => setAsking(false)}
        title={`Delete ${pipeline.name}`}
        confirm="Delete the pipeline"
        typed={pipeline.name}
        run={async () => {
          const result = await deletePipeline(pipeline.name, removal);
          toasts.done(result.kept.length > 0 ? `Deleted. Kept: ${result.kept.join(", ")}.` : "Deleted.");
          navigate("/pipelines");
          client.removeQueries({ queryKey: keys.pipeline(pipeline.name) });
          await client.invalidateQueries({ queryKey: keys.pipelines });
        }}
      >
        <p>This removes, and nothing brings it back:</p>
        <ul>
          <li>
            on PostgreSQL the slot {slot ?? ""} and the publication, so changes from now on are not kept for this
            pipeline
          </li>
          <li>on SQL Server its position, staging tables and quarantined rows in schema millrace</li>
          {kafka ? <li>on Kafka Connect its two connectors</li> : null}
        </ul>
        <p>
          {removal.dropTables
            ? `The ${pipeline.tables.length} copied tables are dropped with their rows.`
            : `The ${pipeline.tables.length} copied tables stay, with the rows that they hold.`}
        </p>
        <Checkbox
          label="Drop the copied tables too"
          checked={removal.dropTables}
          onChange={(event) => setRemoval({ ...removal, dropTables: event.currentTarget.checked })}
        />
        {kafka ? (
          <Checkbox
            label="Delete the Kafka topics too"
            checked={removal.dropTopics}
            onChange={(event) => setRemoval({ ...removal, dropTopics: event.currentTarget.checked })}
          />
        ) : null}
        <Checkbox
          label="Even when a server cannot be reached"
          description="What is left there must then be removed by hand: see Orphans"
          checked={removal.force}
          onChange={(event) => setRemoval({ ...removal, force: event.currentTarget.checked })}
        />
      </ConfirmModal>
    </section>
  );
}
