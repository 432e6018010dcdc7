/** All keys that do something anywhere, as the window that lists them and the listener both read them. */
import { navigation } from "../navigation";

export interface Shortcut {
  /** As KeySequence takes them. */
  keys: string;
  title: string;
  /** Where it leads; the others are known to the listener. */
  path?: string;
  /** Any of these; none: everybody. */
  permissions: string[];
}

export const general: Shortcut[] = [
  { keys: "/", title: "Search on this page", permissions: [] },
  { keys: "?", title: "Show these shortcuts", permissions: [] },
];

export const pages: Shortcut[] = [
  ...navigation.flatMap(({ items }) =>
    items.map(({ key, title, path, permissions }) => ({ keys: `g ${key}`, title, path, permissions })),
  ),
  { keys: "g y", title: "Your account", path: "/account", permissions: [] },
  { keys: "c", title: "Create a pipeline", path: "/pipelines/new", permissions: ["pipelines.create"] },
];

export const permitted = (shortcuts: Shortcut[], may: (permission: string) => boolean) =>
  shortcuts.filter(({ permissions }) => permissions.length === 0 || permissions.some(may));
