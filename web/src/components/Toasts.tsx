/** Short words about what one has just done. What lasts is said in the page itself. */
import { CloseButton } from "@mantine/core";
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from "react";
import { asProblem } from "@/api/problem";
import styles from "./Toasts.module.css";

interface Toast {
  id: number;
  text: string;
  bad: boolean;
}

interface Toasts {
  done: (text: string) => void;
  failed: (fault: unknown) => void;
}

const ToastContext = createContext<Toasts | null>(null);
const kShownMs = 6000;
let lastId = 0;

export function useToasts(): Toasts {
  const toasts = useContext(ToastContext);
  if (!toasts) throw new Error("useToasts needs a ToastProvider");
  return toasts;
}

export function ToastProvider({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState<Toast[]>([]);
  const close = useCallback((id: number) => setShown((all) => all.filter((toast) => toast.id !== id)), []);
  const toasts = useMemo(() => {
    const show = (text: string, bad: boolean) => {
      const id = ++lastId;
      setShown((all) => [...all.slice(-3), { id, text, bad }]);
      // A fault stays until it is closed: it may have to be read twice.
      if (!bad) setTimeout(() => close(id), kShownMs);
    };
    return {
      done: (text: string) => show(text, false),
      failed: (fault: unknown) => {
        const problem = asProblem(fault);
        show(problem.fix ? `${problem.message} ${problem.fix}` : problem.message, true);
      },
    };
  }, [close]);

  return (
    <ToastContext.Provider value={toasts}>
      {children}
      <div className={styles.place} role="status" aria-live="polite">
        {shown.map((toast) => (
          <div key={toast.id} className={`${styles.toast} ${toast.bad ? styles.bad : ""}`}>
            <span>{toast.text}</span>
            <CloseButton size="sm" aria-label="Dismiss" onClick={() => close(toast.id)} />
          </div>
        ))}
      </div>
    </ToastContext.Provider>
  );
}
