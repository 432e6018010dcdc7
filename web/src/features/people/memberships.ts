import type { Role } from "@/api/types";

/** Role by tenant id; no entry: no member. */
export type Roles = ReadonlyMap<string, Role>;

export const rolesOf = (memberships: { tenant: string; role: Role }[]): Roles =>
  new Map(memberships.map(({ tenant, role }) => [tenant, role]));

/** What turns the one into the other. */
export function membershipChanges(before: Roles, wanted: Roles): { put: [string, Role][]; drop: string[] } {
  return {
    put: [...wanted].filter(([tenant, role]) => before.get(tenant) !== role),
    drop: [...before.keys()].filter((tenant) => !wanted.has(tenant)),
  };
}
