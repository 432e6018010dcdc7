import { CodeBlock } from "@/components/CodeBlock";
import { QueryView } from "@/components/QueryView";
import layout from "@/styles/layout.module.css";
import { usePipelineContext } from "./PipelinePage";
import { useConfigs } from "./queries";

export function ConfigsTab() {
  const { pipeline } = usePipelineContext();
  const configs = useConfigs(pipeline.name);
  return (
    <QueryView query={configs} what="the configs">
      {({ spec, connectors }) => (
        <div className={layout.stack}>
          <section className={`${layout.card} ${layout.stack}`} aria-labelledby="spec">
            <h2 id="spec">What was asked for</h2>
            <p className={layout.muted}>Without secrets: those are never given out.</p>
            <CodeBlock text={JSON.stringify(spec, null, 2)} what="the specification" />
          </section>
          {Object.entries(connectors).map(([name, config]) => (
            <section key={name} className={`${layout.card} ${layout.stack}`} aria-label={`Connector ${name}`}>
              <h2 className={layout.wrap}>{name}</h2>
              <CodeBlock text={JSON.stringify(config, null, 2)} what={`the config of ${name}`} />
            </section>
          ))}
        </div>
      )}
    </QueryView>
  );
}
