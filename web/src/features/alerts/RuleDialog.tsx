import { Checkbox, TextInput } from "@mantine/core";
import type { AlertChannel, AlertRule } from "@/api/types";
import { useSession } from "@/app/session";
import { FormDialog } from "@/components/FormDialog";
import { closing, useTyped } from "@/components/useTyped";
import { usePipelines } from "@/features/pipelines/queries";
import layout from "@/styles/layout.module.css";
import { ruleTitles } from "./rule";

interface Props {
  rule: AlertRule;
  channels: AlertChannel[];
  onClose: () => void;
  save: (rule: AlertRule) => Promise<unknown>;
}

export function RuleDialog({ rule, channels, onClose, save }: Props) {
  const { me } = useSession();
  const { form: wanted, change, forget } = useTyped(`rule ${me.tenant?.id} ${rule.rule}`, rule);
  const pipelines = usePipelines();
  return (
    <FormDialog
      title={ruleTitles[rule.rule]}
      submit="Save the rule"
      onClose={closing(forget, onClose)}
      run={() => save(wanted)}
    >
      {(faultAt) => (
        <>
          <Checkbox
            label="Tell about it"
            checked={wanted.enabled}
            onChange={(event) => change({ enabled: event.currentTarget.checked })}
          />
          {rule.rule === "lag" ? (
            <div className={layout.fields}>
              <Seconds
                label="Lag above, in seconds"
                value={wanted.lagS}
                onChange={(lagS) => change({ lagS })}
                error={faultAt("/lagS")}
              />
              <Seconds
                label="For at least, in seconds"
                value={wanted.forS}
                onChange={(forS) => change({ forS })}
                error={faultAt("/forS")}
              />
            </div>
          ) : null}
          <Checkbox.Group
            label="Pipelines"
            description="None chosen: all, also those to come"
            value={wanted.pipelines}
            onChange={(names) => change({ pipelines: names })}
            error={faultAt("/pipelines")}
          >
            <div className={layout.stack}>
              {pipelines.data?.map(({ name }) => (
                <Checkbox key={name} value={name} label={name} />
              ))}
            </div>
          </Checkbox.Group>
          <Checkbox.Group
            label="Channels"
            description="None chosen: all"
            value={wanted.channels}
            onChange={(ids) => change({ channels: ids })}
            error={faultAt("/channels")}
          >
            <div className={layout.stack}>
              {channels.map(({ id, name }) => (
                <Checkbox key={id} value={id} label={name} />
              ))}
            </div>
          </Checkbox.Group>
        </>
      )}
    </FormDialog>
  );
}

interface SecondsProps {
  label: string;
  value: number | null;
  onChange: (seconds: number | null) => void;
  error: string | undefined;
}

function Seconds({ label, value, onChange, error }: SecondsProps) {
  return (
    <TextInput
      label={label}
      type="number"
      min={0}
      required
      withAsterisk={false}
      value={value ?? ""}
      onChange={({ currentTarget }) => onChange(currentTarget.value === "" ? null : currentTarget.valueAsNumber)}
      error={error}
    />
  );
}
