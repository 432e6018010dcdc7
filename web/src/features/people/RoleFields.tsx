import { NativeSelect } from "@mantine/core";
import type { Role } from "@/api/types";
import { ProblemPanel } from "@/components/ProblemPanel";
import layout from "@/styles/layout.module.css";
import type { Roles } from "./memberships";
import { useTenantNames } from "./queries";

export const kRoles: { value: Role; label: string }[] = [
  { value: "viewer", label: "Viewer: sees" },
  { value: "operator", label: "Operator: pauses, reloads, verifies" },
  { value: "admin", label: "Admin: creates, deletes, gives access" },
];

interface Props {
  roles: Roles;
  onChange: (roles: Roles) => void;
}

/** One role a tenant. */
export function RoleFields({ roles, onChange }: Props) {
  const tenants = useTenantNames();
  function choose(tenant: string, role: string) {
    const next = new Map(roles);
    if (role) next.set(tenant, role as Role);
    else next.delete(tenant);
    onChange(next);
  }
  if (tenants.isError) return <ProblemPanel problem={tenants.error} retry={() => void tenants.refetch()} />;
  return (
    <fieldset className={layout.plain}>
      <legend>Tenants and roles</legend>
      <div className={layout.fields}>
        {tenants.data?.map((tenant) => (
          <NativeSelect
            key={tenant.id}
            label={tenant.name}
            data={[{ value: "", label: "No member" }, ...kRoles]}
            value={roles.get(tenant.id) ?? ""}
            onChange={(event) => choose(tenant.id, event.currentTarget.value)}
          />
        ))}
      </div>
    </fieldset>
  );
}
