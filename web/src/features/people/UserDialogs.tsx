import { Checkbox, PasswordInput, TextInput } from "@mantine/core";
import { useState } from "react";
import type { Role, User } from "@/api/types";
import { useSession } from "@/app/session";
import { ConfirmModal } from "@/components/ConfirmModal";
import { FormDialog } from "@/components/FormDialog";
import { closing, useTyped } from "@/components/useTyped";
import { useOidc } from "@/features/auth/oidc";
import layout from "@/styles/layout.module.css";
import { membershipChanges, rolesOf } from "./memberships";
import { createUser, deleteMembership, deleteUser, putMembership, resetPassword, updateUser } from "./queries";
import { RoleFields } from "./RoleFields";

interface Closing {
  onClose: () => void;
  /** Says what was done, and reads again what has changed. */
  onDone: (text: string) => Promise<void>;
}

const mapOf = (roles: Record<string, Role>) => new Map(Object.entries(roles));

export function NewUserDialog({ onClose, onDone }: Closing) {
  const { me } = useSession();
  const { data: oidc } = useOidc();
  const provider = oidc?.configured ? oidc : null;
  const [password, setPassword] = useState("");
  const { form, change, forget } = useTyped("a new user", {
    name: "",
    email: "",
    serverAdmin: false,
    roles: (me.tenant ? { [me.tenant.id]: "viewer" } : {}) as Record<string, Role>,
  });

  async function run() {
    const { roles, ...body } = form;
    const memberships = Object.entries(roles).map(([tenant, role]) => ({ tenant, role }));
    await createUser({ ...body, ...(password ? { password } : {}), memberships });
    await onDone(`${form.name} can sign in.`);
  }

  return (
    <FormDialog title="Create a user" submit="Create the user" onClose={closing(forget, onClose)} run={run}>
      {(faultAt) => (
        <>
          <div className={layout.fields}>
            <TextInput
              label="User name"
              required
              withAsterisk={false}
              data-autofocus
              autoComplete="off"
              value={form.name}
              onChange={(event) => change({ name: event.currentTarget.value })}
              error={faultAt("/name")}
            />
            <TextInput
              label="E-mail (optional)"
              type="email"
              autoComplete="off"
              value={form.email}
              onChange={(event) => change({ email: event.currentTarget.value })}
              error={faultAt("/email")}
            />
          </div>
          <PasswordInput
            label={provider ? "First password (optional)" : "First password"}
            description={
              provider
                ? `Without one the user signs in with ${provider.displayName} alone, by the e-mail address`
                : "Tell it in private; the user changes it on the page Your account"
            }
            required={!provider}
            withAsterisk={false}
            autoComplete="new-password"
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            error={faultAt("/password")}
          />
          <RoleFields roles={mapOf(form.roles)} onChange={(roles) => change({ roles: Object.fromEntries(roles) })} />
          <Checkbox
            label="Server administrator: all tenants, all users"
            checked={form.serverAdmin}
            onChange={(event) => change({ serverAdmin: event.currentTarget.checked })}
          />
        </>
      )}
    </FormDialog>
  );
}

export function EditUserDialog({ user, onClose, onDone }: Closing & { user: User }) {
  // As the server has it: of two steps the first may be done when the second fails and is tried again.
  const [known, setKnown] = useState(user);
  const [before] = useState(() => rolesOf(user.memberships));
  const { form, change, forget } = useTyped(`user ${user.id}`, {
    email: user.email,
    serverAdmin: user.serverAdmin,
    disabled: user.disabled,
    unlink: false,
    roles: Object.fromEntries(before) as Record<string, Role>,
  });

  async function run() {
    const { email, serverAdmin, disabled, unlink } = form;
    const changed = email !== known.email || serverAdmin !== known.serverAdmin || disabled !== known.disabled;
    if (changed || (unlink && known.oidcLinked)) {
      const body = { email, serverAdmin, disabled, ...(unlink ? { oidcLinked: false as const } : {}) };
      setKnown(await updateUser(known, body));
    }
    const { put, drop } = membershipChanges(before, mapOf(form.roles));
    for (const [tenant, role] of put) await putMembership(user.id, tenant, role);
    for (const tenant of drop) await deleteMembership(user.id, tenant);
    await onDone(`${user.name} is changed.`);
  }

  return (
    <FormDialog title={`Change ${user.name}`} submit="Save" onClose={closing(forget, onClose)} run={run}>
      {(faultAt) => (
        <>
          <TextInput
            label="E-mail (optional)"
            type="email"
            data-autofocus
            autoComplete="off"
            value={form.email}
            onChange={(event) => change({ email: event.currentTarget.value })}
            error={faultAt("/email")}
          />
          <RoleFields roles={mapOf(form.roles)} onChange={(roles) => change({ roles: Object.fromEntries(roles) })} />
          <Checkbox
            label="Server administrator: all tenants, all users"
            checked={form.serverAdmin}
            onChange={(event) => change({ serverAdmin: event.currentTarget.checked })}
            error={faultAt("/serverAdmin")}
          />
          <Checkbox
            label="Disabled: sessions end, keys are refused, nobody signs in by this name"
            checked={form.disabled}
            onChange={(event) => change({ disabled: event.currentTarget.checked })}
            error={faultAt("/disabled")}
          />
          {user.oidcLinked ? (
            <Checkbox
              label="Forget the identity that is linked: the next sign-in by the provider links one anew"
              checked={form.unlink}
              onChange={(event) => change({ unlink: event.currentTarget.checked })}
              error={faultAt("/oidcLinked")}
            />
          ) : null}
        </>
      )}
    </FormDialog>
  );
}

export function ResetPasswordDialog({ user, onClose, onDone }: Closing & { user: User }) {
  const [password, setPassword] = useState("");
  async function run() {
    await resetPassword(user.id, password);
    await onDone(`${user.name} has a new password.`);
  }
  return (
    <FormDialog title={`New password for ${user.name}`} submit="Set the password" onClose={onClose} run={run}>
      {(faultAt) => (
        <PasswordInput
          label="New password"
          description="All sessions of this user end"
          required
          withAsterisk={false}
          data-autofocus
          autoComplete="new-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          error={faultAt("/password")}
        />
      )}
    </FormDialog>
  );
}

export function DeleteUserDialog({ user, onClose, onDone }: Closing & { user: User }) {
  async function run() {
    await deleteUser(user);
    await onDone(`${user.name} is deleted.`);
  }
  return (
    <ConfirmModal
      opened
      onClose={onClose}
      title={`Delete ${user.name}`}
      confirm="Delete the user"
      typed={user.name}
      run={run}
    >
      <p>
        Sessions, memberships and API keys of this user go; programs with those keys are refused. Pipelines stay, and so
        do the lines of the audit log.
      </p>
    </ConfirmModal>
  );
}
