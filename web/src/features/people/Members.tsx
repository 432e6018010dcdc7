import { Button, NativeSelect } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { keys } from "@/api/keys";
import type { Member, Role } from "@/api/types";
import { useMay, useSession } from "@/app/session";
import { ConfirmModal } from "@/components/ConfirmModal";
import { type Column, DataTable } from "@/components/DataTable";
import { EmptyState } from "@/components/EmptyState";
import { QueryView } from "@/components/QueryView";
import { useToasts } from "@/components/Toasts";
import layout from "@/styles/layout.module.css";
import { changeMember, removeMember, useMembers } from "./queries";
import { kRoles } from "./RoleFields";

/** Who works in the tenant, for its administrators. */
export function Members({ tenant }: { tenant: string }) {
  const { me } = useSession();
  const members = useMembers();
  const mayWrite = useMay("members.write");
  const client = useQueryClient();
  const toasts = useToasts();
  const [removing, setRemoving] = useState<Member | null>(null);
  const refresh = () =>
    Promise.all([keys.members, keys.users, keys.me].map((queryKey) => client.invalidateQueries({ queryKey })));
  const change = useMutation({
    mutationFn: ({ member, role }: { member: Member; role: Role }) => changeMember(member.user, role),
    onSuccess: (member) => toasts.done(`${member.name} is now ${member.role}.`),
    onError: toasts.failed,
    onSettled: refresh,
  });

  const columns: Column<Member>[] = [
    { heading: "Name", cell: (member) => member.name },
    {
      heading: "Role",
      cell: (member) =>
        mayWrite && member.user !== me.userId ? (
          <NativeSelect
            size="xs"
            aria-label={`Role of ${member.name}`}
            data={kRoles}
            value={member.role}
            disabled={change.isPending}
            onChange={(event) => change.mutate({ member, role: event.currentTarget.value as Role })}
          />
        ) : (
          member.role
        ),
    },
  ];
  if (mayWrite) {
    columns.push({
      heading: "Actions",
      actions: true,
      cell: (member) =>
        member.user === me.userId ? null : (
          <Button variant="default" size="xs" aria-label={`Remove ${member.name}`} onClick={() => setRemoving(member)}>
            Remove
          </Button>
        ),
    });
  }

  return (
    <section className={layout.stack} aria-labelledby="members">
      <h2 id="members">Members of {tenant}</h2>
      <QueryView query={members} what="members">
        {(list) =>
          list.length === 0 ? (
            <EmptyState heading="Nobody is a member yet">
              <p>
                {me.serverAdmin
                  ? "Create a user below, or change one, and choose a role in this tenant."
                  : "A server administrator adds people to a tenant."}
              </p>
            </EmptyState>
          ) : (
            <DataTable caption="Members" columns={columns} rows={list} rowKey={(member) => member.user} />
          )
        }
      </QueryView>
      {mayWrite && !me.serverAdmin ? (
        <p className={`${layout.muted} ${layout.small}`}>A server administrator adds people to a tenant.</p>
      ) : null}
      <ConfirmModal
        opened={removing !== null}
        onClose={() => setRemoving(null)}
        title={`Remove ${removing?.name ?? ""}`}
        confirm="Remove the member"
        run={async () => {
          if (!removing) return;
          await removeMember(removing.user);
          toasts.done(`${removing.name} is no longer a member.`);
          await refresh();
        }}
      >
        <p>
          {removing?.name} no longer sees {tenant}, and keys of this user no longer work in it. The user stays.
        </p>
      </ConfirmModal>
    </section>
  );
}
