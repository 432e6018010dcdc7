import { useRef, useState } from "react";
import { forgetTyped, keepTyped, withTyped } from "@/lib/typed";

/**
 * A form's fields, which a reload of the page brings back until they are forgotten: when it was sent, or given up.
 * `present`: how they begin, as the server has them when the form is opened.
 */
export function useTyped<Form extends object>(name: string, present: Form, secrets: readonly (keyof Form)[] = []) {
  const [begun] = useState(present);
  const [form, setForm] = useState(() => withTyped(name, begun, secrets));
  // One event may change several members, one after the other.
  const newest = useRef(form);
  function change(more: Partial<Form>) {
    newest.current = { ...newest.current, ...more };
    setForm(newest.current);
    keepTyped(name, begun, newest.current, secrets);
  }
  return { form, change, forget: () => forgetTyped(name) };
}

/** A form that is sent or given up: what was typed goes first. */
export const closing = (forget: () => void, close: () => void) => () => {
  forget();
  close();
};
