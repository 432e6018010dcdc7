/** What was typed into a form and not sent yet: kept in this tab over a reload. */

type Storage_ = Pick<Storage, "getItem" | "setItem" | "removeItem">;

const keyOf = (name: string) => `millrace-typed ${name}`;
const same = (left: unknown, right: unknown) => JSON.stringify(left) === JSON.stringify(right);

/**
 * Only what is different, and no secret: what others change meanwhile is not undone by a form that comes back. Members
 * are what JSON can hold.
 */
export function keepTyped<Form extends object>(
  name: string,
  present: Form,
  typed: Form,
  secrets: readonly (keyof Form)[] = [],
  storage: Storage_ = sessionStorage,
) {
  const members = Object.keys(typed) as (keyof Form)[];
  const changed = members.filter((member) => !secrets.includes(member) && !same(typed[member], present[member]));
  try {
    if (changed.length === 0) storage.removeItem(keyOf(name));
    else storage.setItem(keyOf(name), JSON.stringify(Object.fromEntries(changed.map((it) => [it, typed[it]]))));
  } catch {
    // Full or switched off: what was typed lives as long as the page.
  }
}

/** Of the kind that the member has; a number or a list that may be absent is null then. */
const fits = (value: unknown, present: unknown) =>
  value !== undefined &&
  (value === null ||
    present === null ||
    (typeof value === typeof present && Array.isArray(value) === Array.isArray(present)));

/** What is there now, with what was typed; only what has the right shape is taken, and no secret. */
export function withTyped<Form extends object>(
  name: string,
  present: Form,
  secrets: readonly (keyof Form)[] = [],
  storage: Storage_ = sessionStorage,
): Form {
  try {
    const kept = JSON.parse(storage.getItem(keyOf(name)) ?? "{}") as Record<keyof Form, unknown>;
    const members = Object.keys(present) as (keyof Form)[];
    const taken = members.filter((member) => !secrets.includes(member) && fits(kept[member], present[member]));
    return { ...present, ...Object.fromEntries(taken.map((member) => [member, kept[member]])) };
  } catch {
    return present;
  }
}

export function forgetTyped(name: string, storage: Storage_ = sessionStorage) {
  try {
    storage.removeItem(keyOf(name));
  } catch {
    // Nothing was kept.
  }
}
