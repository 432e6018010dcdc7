/** Listens to the keys that work on every page, and holds the two windows that they open. */
import { useHotkeys } from "@mantine/hooks";
import { createContext, lazy, type ReactNode, Suspense, useContext, useEffect, useMemo, useState } from "react";
import { useNavigate } from "react-router";
import { KeySequence } from "@/lib/key_sequence";
import { useSession } from "../session";
import { general, pages, permitted } from "./shortcuts";
import { singleKeysOn } from "./switch";

const CommandPalette = lazy(async () => ({ default: (await import("./CommandPalette")).CommandPalette }));
const ShortcutHelp = lazy(async () => ({ default: (await import("./ShortcutHelp")).ShortcutHelp }));

type Opened = "palette" | "help" | null;

const OpenContext = createContext<(what: Opened) => void>(() => {});

/** Opens one of the windows from a button. */
export const useOpenKeyboard = () => useContext(OpenContext);

export function Keyboard({ children }: { children: ReactNode }) {
  const { may } = useSession();
  const navigate = useNavigate();
  const [opened, setOpened] = useState<Opened>(null);

  useHotkeys([["mod+K", () => setOpened((before) => (before === "palette" ? null : "palette"))]], []);

  const shortcuts = useMemo(() => permitted([...general, ...pages], may), [may]);
  useEffect(() => {
    const sequence = new KeySequence(shortcuts.map(({ keys }) => keys));
    function onKeyDown(event: KeyboardEvent) {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
      if (!singleKeysOn() || types(event.target) || windowIsOpen()) return;
      const found = sequence.press(event.key, event.timeStamp);
      if (!found) return;
      event.preventDefault();
      const path = shortcuts.find(({ keys }) => keys === found)?.path;
      if (path) navigate(path);
      else if (found === "?") setOpened("help");
      else if (!focusSearch()) setOpened("palette");
    }
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [shortcuts, navigate]);

  const close = () => setOpened(null);
  return (
    <OpenContext.Provider value={setOpened}>
      {children}
      <Suspense>
        {opened === "palette" ? <CommandPalette onClose={close} onHelp={() => setOpened("help")} /> : null}
        {opened === "help" ? <ShortcutHelp shortcuts={shortcuts} onClose={close} /> : null}
      </Suspense>
    </OpenContext.Provider>
  );
}

const types = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

const windowIsOpen = () => document.querySelector('[role="dialog"], [role="menu"]') !== null;

/** False: this page has nothing to search. */
function focusSearch(): boolean {
  const field = document.querySelector<HTMLInputElement>('main input[type="search"]');
  field?.focus();
  field?.select();
  return field !== null;
}
