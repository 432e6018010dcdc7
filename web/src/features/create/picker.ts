/** Which of a source's tables the picker shows. Works on lists of ten thousand while one types. */
import type { SourceTable } from "@/api/types";

export interface PickerView {
  search: string;
  schema: string;
  only: "all" | "selected" | "unselected" | "problems";
}

/** "ord", "sales.*", "*_log !tmp": words that must all fit; * stands for anything, ! for not. */
export function matcher(search: string): (text: string) => boolean {
  const tests = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "" && word !== "!")
    .map((word) => {
      const not = word.startsWith("!");
      const pattern = not ? word.slice(1) : word;
      const fits = pattern.includes("*") ? glob(pattern) : (text: string) => text.includes(pattern);
      return not ? (text: string) => !fits(text) : fits;
    });
  return (text) => tests.every((test) => test(text));
}

/** Against the whole name, or the part after the schema when the pattern names none. */
function glob(pattern: string): (text: string) => boolean {
  const source = pattern
    .split("*")
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
    .join(".*");
  const whole = new RegExp(`^${source}$`);
  if (pattern.includes(".")) return (text) => whole.test(text);
  return (text) => whole.test(text.slice(text.indexOf(".") + 1));
}

export function shownTables(
  tables: SourceTable[],
  view: PickerView,
  isSelected: (table: SourceTable) => boolean,
): SourceTable[] {
  const fits = matcher(view.search);
  return tables.filter((table) => {
    if (view.schema && table.schema !== view.schema) return false;
    if (view.only === "selected" && !isSelected(table)) return false;
    if (view.only === "unselected" && isSelected(table)) return false;
    if (view.only === "problems" && table.issues.length === 0) return false;
    return fits(`${table.schema}.${table.name}`.toLowerCase());
  });
}
