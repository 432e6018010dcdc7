import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { keys } from "@/api/keys";
import type { User } from "@/api/types";
import { useMay, useSession } from "@/app/session";
import { useWindow } from "@/app/useWindow";
import { type Column, DataTable } from "@/components/DataTable";
import { QueryView } from "@/components/QueryView";
import { StatusBadge } from "@/components/StatusBadge";
import { useToasts } from "@/components/Toasts";
import layout from "@/styles/layout.module.css";
import { useUsers } from "./queries";
import { DeleteUserDialog, EditUserDialog, NewUserDialog, ResetPasswordDialog } from "./UserDialogs";

type Shown = { what: "password" | "delete"; user: User };

/** All users of the server, for server administrators. */
export function Users() {
  const { me } = useSession();
  const users = useUsers();
  const mayWrite = useMay("users.write");
  const client = useQueryClient();
  const toasts = useToasts();
  const [shown, setShown] = useState<Shown | null>(null);
  const close = () => setShown(null);
  const form = useWindow();
  const edited = users.data?.find(({ id }) => form.what === "edit" && id === form.id);

  async function done(text: string) {
    toasts.done(text);
    await Promise.all([keys.users, keys.members, keys.me].map((queryKey) => client.invalidateQueries({ queryKey })));
  }

  const columns: Column<User>[] = [
    {
      heading: "Name",
      cell: (user) => (
        <>
          {user.name}
          {user.email ? <div className={`${layout.muted} ${layout.small}`}>{user.email}</div> : null}
        </>
      ),
    },
    { heading: "State", cell: (user) => <UserState user={user} /> },
    {
      heading: "Tenants",
      cell: (user) =>
        user.memberships.length === 0
          ? "none"
          : user.memberships.map(({ tenantName, role }) => `${tenantName}: ${role}`).join(", "),
    },
  ];
  if (mayWrite) {
    columns.push({
      heading: "Actions",
      actions: true,
      cell: (user) => (
        <Button.Group>
          <Action label="Change" user={user} onClick={() => form.open("edit", user.id)} />
          <Action label="Password" user={user} onClick={() => setShown({ what: "password", user })} />
          {user.id === me.userId ? null : (
            <Action label="Delete" user={user} onClick={() => setShown({ what: "delete", user })} />
          )}
        </Button.Group>
      ),
    });
  }

  return (
    <section className={layout.stack} aria-labelledby="users">
      <div className={layout.spread}>
        <h2 id="users">All users of this server</h2>
        {mayWrite ? (
          <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => form.open("create")}>
            Create user
          </Button>
        ) : null}
      </div>
      <QueryView query={users} what="users">
        {(list) => <DataTable caption="Users" columns={columns} rows={list} rowKey={(user) => user.id} />}
      </QueryView>
      {mayWrite && form.what === "create" ? <NewUserDialog onClose={form.close} onDone={done} /> : null}
      {mayWrite && edited ? <EditUserDialog key={edited.id} user={edited} onClose={form.close} onDone={done} /> : null}
      {shown?.what === "password" ? <ResetPasswordDialog user={shown.user} onClose={close} onDone={done} /> : null}
      {shown?.what === "delete" ? <DeleteUserDialog user={shown.user} onClose={close} onDone={done} /> : null}
    </section>
  );
}

function UserState({ user }: { user: User }) {
  if (user.disabled) return <StatusBadge tone="quiet">Disabled</StatusBadge>;
  return user.serverAdmin ? (
    <StatusBadge tone="info">Server administrator</StatusBadge>
  ) : (
    <StatusBadge tone="good">Active</StatusBadge>
  );
}

function Action({ label, user, onClick }: { label: string; user: User; onClick: () => void }) {
  return (
    <Button variant="default" size="xs" aria-label={`${label}: ${user.name}`} onClick={onClick}>
      {label}
    </Button>
  );
}
