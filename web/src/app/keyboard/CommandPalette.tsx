/** One field for everything: a combobox over pages, pipelines and actions. */
import { TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { type KeyboardEvent, useEffect, useId, useState } from "react";
import { Dialog } from "@/components/Dialog";
import layout from "@/styles/layout.module.css";
import { type Command, grouped, matching } from "./commands";
import styles from "./Keyboard.module.css";
import { Keys } from "./Keys";
import { useCommands } from "./useCommands";

interface Props {
  onClose: () => void;
  onHelp: () => void;
}

export function CommandPalette({ onClose, onHelp }: Props) {
  const id = useId();
  const commands = useCommands(onHelp);
  const [typed, setTyped] = useState("");
  const [place, setPlace] = useState(0);
  const groups = grouped(matching(commands, typed));
  const shown = groups.flatMap(([, members]) => members);
  const chosen = shown[Math.min(place, shown.length - 1)];
  const optionId = (command: Command) => `${id}-${shown.indexOf(command)}`;
  const chosenId = chosen ? optionId(chosen) : undefined;

  useEffect(() => {
    if (chosenId) document.getElementById(chosenId)?.scrollIntoView({ block: "nearest" });
  }, [chosenId]);

  function run(command: Command | undefined) {
    if (!command) return;
    onClose();
    command.run();
  }

  function onKeyDown(event: KeyboardEvent) {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[event.key];
    if (step !== undefined && shown.length > 0) {
      event.preventDefault();
      setPlace((Math.min(place, shown.length - 1) + step + shown.length) % shown.length);
    } else if (event.key === "Enter" && !event.nativeEvent.isComposing) {
      event.preventDefault();
      run(chosen);
    }
  }

  return (
    <Dialog opened onClose={onClose} title="Go to, or do">
      <div className={layout.stack}>
        <TextInput
          data-autofocus
          role="combobox"
          aria-label="Page, pipeline or action"
          aria-expanded
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={chosenId}
          autoComplete="off"
          spellCheck={false}
          placeholder="Page, pipeline or action"
          leftSection={<IconSearch size={16} aria-hidden />}
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            setPlace(0);
          }}
          onKeyDown={onKeyDown}
        />
        <div id={`${id}-list`} role="listbox" aria-label="What fits" className={styles.list}>
          {groups.map(([name, members]) => (
            <div key={name} role="group" aria-label={name}>
              <p className={styles.group} aria-hidden>
                {name}
              </p>
              {members.map((command) => (
                // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys
                <div
                  key={command.id}
                  id={optionId(command)}
                  role="option"
                  tabIndex={-1}
                  aria-selected={command === chosen}
                  className={styles.option}
                  onMouseMove={() => setPlace(shown.indexOf(command))}
                  onClick={() => run(command)}
                >
                  <span className={layout.wrap}>{command.title}</span>
                  {command.hint ? <span className={styles.hint}>{command.hint}</span> : null}
                  {command.keys ? <Keys keys={command.keys} /> : null}
                </div>
              ))}
            </div>
          ))}
        </div>
        <p role="status" className={shown.length > 0 ? "visually-hidden" : layout.muted}>
          {shown.length > 0 ? `${shown.length} found` : "Nothing has this name."}
        </p>
      </div>
    </Dialog>
  );
}
