/** Policies that are chosen at creation and changed later, in the same words. */
export interface Choice<Value extends string> {
  value: Value;
  label: string;
}

export type ValuePolicy = "fail" | "null" | "clamp" | "text";
export const valuePolicies: Choice<ValuePolicy>[] = [
  { value: "fail", label: "Stop and say so" },
  { value: "null", label: "NULL instead" },
  { value: "clamp", label: "The nearest value instead" },
  { value: "text", label: "Make the column text" },
];

export type PoisonPolicy = "stop" | "quarantine";
export const poisonPolicies: Choice<PoisonPolicy>[] = [
  { value: "stop", label: "Stop and say which" },
  { value: "quarantine", label: "Set them aside and go on" },
];
