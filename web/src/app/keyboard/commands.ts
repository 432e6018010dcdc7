/** What the command palette offers, and which of it fits what is typed. */

export interface Command {
  id: string;
  /** "Pages", "Pipelines", "Actions": what it stands under. */
  group: string;
  title: string;
  /** Said beside the title. */
  hint?: string;
  keys?: string;
  /** Shown only when something is typed. */
  quiet?: boolean;
  run: () => void;
}

const kMost = 50;

/** Every word must be in title or hint; those whose title begins with the first word come first. */
export function matching(commands: Command[], typed: string): Command[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const [first] = words;
  if (first === undefined) return commands.filter(({ quiet }) => !quiet).slice(0, kMost);
  const fitting = commands.filter(({ title, hint = "" }) => {
    const text = `${title} ${hint}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const begins = ({ title }: Command) => title.toLowerCase().startsWith(first);
  return [...fitting.filter(begins), ...fitting.filter((command) => !begins(command))].slice(0, kMost);
}

/** In the order in which groups come first. */
export function grouped(commands: Command[]): [string, Command[]][] {
  const groups = new Map<string, Command[]>();
  for (const command of commands) groups.set(command.group, [...(groups.get(command.group) ?? []), command]);
  return [...groups];
}
