/**
 * What somebody has typed so far, as a value: kept over reloads, without secrets. `specOf` turns it into what the API
 * takes.
 */
import type { Endpoint, PipelineSpec } from "@/api/types";
import type { PoisonPolicy, ValuePolicy } from "@/lib/choices";
import { emptyServer, isComplete, type ServerForm, type Side, serverMembers } from "@/lib/server_form";

/** One side: a saved connection by its id, or, while that is empty, what somebody types. */
export interface SideDraft extends ServerForm {
  connection: string;
}

/** How one table is copied; everything left out is as the plan proposes it. */
export interface TableChoice {
  schema: string;
  name: string;
  targetSchema?: string;
  targetName?: string;
  excludeColumns?: string[];
  /** What tells rows apart, of a table that has no key of its own. */
  keyColumns?: string[];
  /** By column: its name on the target. */
  columnNames?: Record<string, string>;
  columnTypes?: Record<string, string>;
  columnPolicies?: Record<string, ValuePolicy>;
}

export interface Options {
  name: string;
  engine: "embedded" | "kafka-connect";
  slot: string;
  publication: string;
  slotFailover: "no" | "yes";
  snapshot: "initial" | "no_data";
  truncate: "auto" | "apply" | "ignore";
  valuePolicy: ValuePolicy;
  /** "apply", or with kinds of change that have another word: "apply,drop_column=pause". */
  schemaPolicy: string;
  poison: PoisonPolicy;
  loadPolicy: "fail" | "truncate" | "swap";
  loadWorkers: string;
  connectUrl: string;
  kafkaBootstrap: string;
}

export interface Draft {
  source: SideDraft;
  target: SideDraft;
  /** By `tableKey`. */
  tables: Record<string, TableChoice>;
  options: Options;
  /** Sent with create, so that pressing the button twice makes one pipeline. */
  idempotencyKey: string;
}

/** Held in memory alone. */
export interface Secrets {
  source: string;
  target: string;
}

export const noSecrets: Secrets = { source: "", target: "" };

export function emptyDraft(): Draft {
  return {
    source: { ...emptyServer("source"), connection: "" },
    target: { ...emptyServer("target"), connection: "" },
    tables: {},
    options: {
      name: "",
      engine: "embedded",
      slot: "",
      publication: "",
      slotFailover: "no",
      snapshot: "initial",
      truncate: "auto",
      valuePolicy: "fail",
      schemaPolicy: "apply",
      poison: "stop",
      loadPolicy: "fail",
      loadWorkers: "4",
      connectUrl: "",
      kafkaBootstrap: "",
    },
    idempotencyKey: newKey(),
  };
}

/** Also where the page came over plain HTTP, where browsers have no randomUUID. */
export function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Unambiguous for every name: JSON of both parts. */
export const tableKey = (schema: string, name: string) => JSON.stringify([schema, name]);

/** As the API's table list wants it: names that could be read as something else are quoted. */
export function tableEntry({ schema, name }: Pick<TableChoice, "schema" | "name">): string {
  const plain = /^[\p{L}\p{N}_$ -]+$/u;
  if (plain.test(schema) && plain.test(name)) return `${schema}.${name}`;
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  return `${quoted(schema)}.${quoted(name)}`;
}

/** What the API takes for one side. */
export function endpointOf(side: Side, form: SideDraft, password: string): Endpoint {
  if (form.connection === "") return { ...serverMembers(side, form), password };
  return { connection: form.connection, ...(side === "target" ? { schema: form.schema.trim() || "dbo" } : {}) };
}

export const sideComplete = (form: SideDraft, password: string) =>
  form.connection !== "" || (isComplete(form) && password !== "");

export function specOf(draft: Draft, secrets: Secrets): PipelineSpec {
  const { options } = draft;
  const tables = Object.values(draft.tables);
  const changed: Record<string, object> = {};
  for (const table of tables) {
    const choice = optionsOfTable(table, draft.target.schema.trim() || "dbo");
    if (choice) changed[`${table.schema}.${table.name}`] = choice;
  }
  const load = { loadPolicy: options.loadPolicy, loadWorkers: Number(options.loadWorkers) || 4 };
  // The engines' and the mapping's members are open objects in the API's description.
  const spec: Partial<Record<keyof PipelineSpec, unknown>> = {
    ...(options.name.trim() ? { name: options.name.trim() } : {}),
    source: endpointOf("source", draft.source, secrets.source),
    target: endpointOf("target", draft.target, secrets.target),
    tables: tables.map(tableEntry),
    engine: options.engine,
    ...(options.slot.trim() ? { slot: options.slot.trim() } : {}),
    ...(options.publication.trim() ? { publication: options.publication.trim() } : {}),
    ...(options.slotFailover === "yes" ? { slotFailover: true } : {}),
    snapshot: options.snapshot,
    truncate: options.truncate,
    mapping: { valuePolicy: options.valuePolicy, ...(Object.keys(changed).length > 0 ? { tables: changed } : {}) },
    ...(options.engine === "embedded"
      ? {
          embedded: {
            schemaPolicy: options.schemaPolicy,
            poison: options.poison,
            ...load,
          },
        }
      : {
          kafkaConnect: {
            ...load,
            url: options.connectUrl.trim(),
            ...(options.kafkaBootstrap.trim() ? { kafkaBootstrap: options.kafkaBootstrap.trim() } : {}),
          },
        }),
  };
  return spec as PipelineSpec;
}

function optionsOfTable(table: TableChoice, targetSchema: string): object | null {
  const choice: Record<string, unknown> = {};
  if (table.targetName || table.targetSchema) {
    choice.rename = [table.targetSchema || targetSchema, table.targetName || table.name];
  }
  if (table.excludeColumns?.length) choice.excludeColumns = table.excludeColumns;
  if (table.keyColumns?.length) choice.keyColumns = table.keyColumns;
  for (const member of ["columnNames", "columnTypes", "columnPolicies"] as const) {
    const byColumn = table[member];
    if (byColumn && Object.keys(byColumn).length > 0) choice[member] = byColumn;
  }
  return Object.keys(choice).length > 0 ? choice : null;
}

/** Whether anything beyond its name was chosen for a table. */
export const isChanged = (table: TableChoice) => optionsOfTable(table, "dbo") !== null;

const kKey = "millrace-draft";
const kVersion = 1;

type Storage_ = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** Nothing that is a secret is in a Draft, so nothing that is one gets here. */
export function saveDraft(draft: Draft, storage: Storage_ = sessionStorage) {
  try {
    storage.setItem(kKey, JSON.stringify({ version: kVersion, draft }));
  } catch {
    // Full or switched off: the draft lives as long as the page.
  }
}

/** What an older page has kept, or anybody has written there, is taken only where it has the right shape. */
export function loadDraft(storage: Storage_ = sessionStorage): Draft {
  const fresh = emptyDraft();
  try {
    const kept = JSON.parse(storage.getItem(kKey) ?? "null");
    if (kept?.version !== kVersion || typeof kept.draft !== "object" || kept.draft === null) return fresh;
    const draft = kept.draft as Partial<Draft>;
    return {
      source: sameShape(fresh.source, draft.source),
      target: sameShape(fresh.target, draft.target),
      options: sameShape(fresh.options, draft.options),
      tables: isTables(draft.tables) ? draft.tables : {},
      idempotencyKey: typeof draft.idempotencyKey === "string" ? draft.idempotencyKey : fresh.idempotencyKey,
    };
  } catch {
    return fresh;
  }
}

export function dropDraft(storage: Storage_ = sessionStorage) {
  try {
    storage.removeItem(kKey);
  } catch {
    // Switched off: there was nothing.
  }
}

function sameShape<Form extends object>(form: Form, kept: unknown): Form {
  const given = (typeof kept === "object" && kept !== null ? kept : {}) as Record<string, unknown>;
  const taken = Object.entries(form).map(([name, usual]) => {
    const value = given[name];
    return [name, typeof value === typeof usual ? value : usual];
  });
  return Object.fromEntries(taken) as Form;
}

function isTables(value: unknown): value is Record<string, TableChoice> {
  return (
    typeof value === "object" &&
    value !== null &&
    Object.values(value).every((table) => typeof table?.schema === "string" && typeof table?.name === "string")
  );
}
