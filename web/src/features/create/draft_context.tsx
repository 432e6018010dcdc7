/** The draft and its secrets, for the steps of the wizard and the page that follows the work. */
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";
import { type Draft, dropDraft, emptyDraft, loadDraft, newKey, noSecrets, type Secrets, saveDraft } from "./draft";

interface DraftState {
  draft: Draft;
  secrets: Secrets;
  /** What changes the pipeline makes a create a new one. */
  change: (next: (draft: Draft) => Draft) => void;
  setSecret: (side: keyof Secrets, value: string) => void;
  /** After success, or when somebody begins anew. */
  clear: () => void;
}

const DraftContext = createContext<DraftState | null>(null);
const kSaveAfterMs = 300;

export function useDraft(): DraftState {
  const state = useContext(DraftContext);
  if (!state) throw new Error("useDraft needs a DraftProvider");
  return state;
}

export function DraftProvider({ children }: { children: ReactNode }) {
  const [draft, setDraft] = useState(() => loadDraft());
  const [secrets, setSecrets] = useState<Secrets>(noSecrets);
  const dropped = useRef(false);

  useEffect(() => {
    if (dropped.current) {
      dropped.current = false;
      return;
    }
    const timer = setTimeout(() => saveDraft(draft), kSaveAfterMs);
    const save = () => saveDraft(draft);
    window.addEventListener("pagehide", save);
    return () => {
      clearTimeout(timer);
      window.removeEventListener("pagehide", save);
    };
  }, [draft]);

  const change = useCallback((next: (draft: Draft) => Draft) => {
    setDraft((before) => ({ ...next(before), idempotencyKey: newKey() }));
  }, []);
  const setSecret = useCallback((side: keyof Secrets, value: string) => {
    setSecrets((before) => ({ ...before, [side]: value }));
  }, []);
  const clear = useCallback(() => {
    dropped.current = true;
    dropDraft();
    setDraft(emptyDraft());
    setSecrets(noSecrets);
  }, []);

  const state = useMemo(
    () => ({ draft, secrets, change, setSecret, clear }),
    [draft, secrets, change, setSecret, clear],
  );
  return <DraftContext.Provider value={state}>{children}</DraftContext.Provider>;
}
