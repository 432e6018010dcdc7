import { Switch } from "@mantine/core";
import { useState } from "react";
import { Dialog } from "@/components/Dialog";
import layout from "@/styles/layout.module.css";
import { Keys, paletteKeys } from "./Keys";
import type { Shortcut } from "./shortcuts";
import { singleKeysOn, switchSingleKeys } from "./switch";

interface Props {
  shortcuts: Shortcut[];
  onClose: () => void;
}

export function ShortcutHelp({ shortcuts, onClose }: Props) {
  const [on, setOn] = useState(singleKeysOn);
  return (
    <Dialog opened onClose={onClose} title="Keyboard shortcuts">
      <div className={layout.stack}>
        <dl className={layout.facts}>
          <Line keys={paletteKeys()} title="Find a page, a pipeline or an action" />
          {shortcuts.map(({ keys, title, path }) => (
            <Line key={keys} keys={keys} title={path && keys.startsWith("g ") ? `Go to ${title}` : title} />
          ))}
        </dl>
        <p className={layout.muted}>They rest while you type, and while a window like this one is open.</p>
        <Switch
          label={`Single keys, all but ${paletteKeys()}`}
          checked={on}
          onChange={(event) => {
            setOn(event.currentTarget.checked);
            switchSingleKeys(event.currentTarget.checked);
          }}
        />
      </div>
    </Dialog>
  );
}

function Line({ keys, title }: { keys: string; title: string }) {
  return (
    <>
      <dt>
        <Keys keys={keys} />
      </dt>
      <dd>{title}</dd>
    </>
  );
}
