import { Checkbox, NativeSelect, TextInput } from "@mantine/core";
import type { Role } from "@/api/types";
import { useSession } from "@/app/session";
import { FormDialog } from "@/components/FormDialog";
import { closing, useTyped } from "@/components/useTyped";
import layout from "@/styles/layout.module.css";
import { createApiKey } from "./queries";

const kRoles: Role[] = ["viewer", "operator", "admin"];
const kLives = [
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "1 year" },
  { value: "", label: "Never: until it is revoked" },
];

interface Props {
  onClose: () => void;
  onCreated: (key: string) => void;
}

export function NewKeyDialog({ onClose, onCreated }: Props) {
  const { me } = useSession();
  const own = me.serverAdmin ? "admin" : (me.role ?? "viewer");
  const roles = kRoles.slice(0, kRoles.indexOf(own) + 1);
  const { form, change, forget } = useTyped("a new key", {
    name: "",
    role: "viewer" as Role,
    days: "90",
    scopes: [] as string[],
  });

  async function run() {
    const { days, ...body } = form;
    const created = await createApiKey({ ...body, expiresInDays: days ? Number(days) : null });
    onCreated(created.key);
  }

  return (
    <FormDialog title="Create an API key" submit="Create the key" onClose={closing(forget, onClose)} run={run}>
      {(faultAt) => (
        <>
          <TextInput
            label="Name"
            description="What it is for: it stands in the audit log's story of this key"
            required
            withAsterisk={false}
            data-autofocus
            autoComplete="off"
            value={form.name}
            onChange={(event) => change({ name: event.currentTarget.value })}
            error={faultAt("/name")}
          />
          <div className={layout.fields}>
            <NativeSelect
              label="Role"
              description="The least that will do"
              data={roles}
              value={form.role}
              onChange={(event) => change({ role: event.currentTarget.value as Role, scopes: [] })}
              error={faultAt("/role")}
            />
            <NativeSelect
              label="Expires after"
              description="An old key is one that leaks"
              data={kLives}
              value={form.days}
              onChange={(event) => change({ days: event.currentTarget.value })}
              error={faultAt("/expiresInDays")}
            />
          </div>
          <details>
            <summary>Only some of what the role may do</summary>
            <Checkbox.Group
              label="Permissions"
              description="None chosen: all of the role's"
              value={form.scopes}
              onChange={(scopes) => change({ scopes })}
              error={faultAt("/scopes")}
            >
              <div className={layout.fields}>
                {me.permissions.map((permission) => (
                  <Checkbox key={permission} value={permission} label={permission} />
                ))}
              </div>
            </Checkbox.Group>
          </details>
        </>
      )}
    </FormDialog>
  );
}
