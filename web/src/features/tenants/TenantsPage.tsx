import { Button, TextInput } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { keys } from "@/api/keys";
import type { Tenant } from "@/api/types";
import { useMay, useSession } from "@/app/session";
import { useWindow } from "@/app/useWindow";
import { ConfirmModal } from "@/components/ConfirmModal";
import { type Column, DataTable } from "@/components/DataTable";
import { FormDialog } from "@/components/FormDialog";
import { Moment } from "@/components/Moment";
import { PageHeader } from "@/components/PageHeader";
import { QueryView } from "@/components/QueryView";
import { StatusBadge } from "@/components/StatusBadge";
import { useToasts } from "@/components/Toasts";
import { closing, useTyped } from "@/components/useTyped";
import { count, counted } from "@/lib/format";
import layout from "@/styles/layout.module.css";
import { createTenant, deleteTenant, renameTenant, useTenants } from "./queries";

export function TenantsPage() {
  const { me } = useSession();
  const tenants = useTenants();
  const mayWrite = useMay("tenants.write");
  const client = useQueryClient();
  const toasts = useToasts();
  const [deleting, setDeleting] = useState<Tenant | null>(null);
  const form = useWindow();
  const renamed = tenants.data?.find(({ id }) => form.what === "rename" && id === form.id);

  /** Who may be where has changed: the switch in the header is read again too. */
  async function done(text: string) {
    toasts.done(text);
    await Promise.all([keys.tenants, keys.me].map((queryKey) => client.invalidateQueries({ queryKey })));
  }

  const columns: Column<Tenant>[] = [
    {
      heading: "Name",
      cell: (tenant) => (
        <span className={layout.row}>
          {tenant.name}
          {tenant.id === me.tenant?.id ? <StatusBadge tone="info">You work in it</StatusBadge> : null}
        </span>
      ),
    },
    { heading: "Pipelines", number: true, cell: (tenant) => count(tenant.pipelines) },
    { heading: "Created", cell: (tenant) => <Moment at={tenant.createdAt} /> },
  ];
  if (mayWrite) {
    columns.push({
      heading: "Actions",
      actions: true,
      cell: (tenant) => (
        <Button.Group>
          <Button
            variant="default"
            size="xs"
            aria-label={`Rename ${tenant.name}`}
            onClick={() => form.open("rename", tenant.id)}
          >
            Rename
          </Button>
          <Button variant="default" size="xs" aria-label={`Delete ${tenant.name}`} onClick={() => setDeleting(tenant)}>
            Delete
          </Button>
        </Button.Group>
      ),
    });
  }

  return (
    <div className={layout.page}>
      <PageHeader
        title="Tenants"
        actions={
          mayWrite ? (
            <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => form.open("create")}>
              Create tenant
            </Button>
          ) : null
        }
      >
        Each has its own pipelines, members and keys, and sees nothing of the others.
      </PageHeader>
      <QueryView query={tenants} what="tenants">
        {(list) => <DataTable caption="Tenants" columns={columns} rows={list} rowKey={(tenant) => tenant.id} />}
      </QueryView>
      {mayWrite && (form.what === "create" || renamed) ? (
        <NameDialog tenant={renamed ?? null} onClose={form.close} onDone={done} />
      ) : null}
      {deleting ? <DeleteDialog tenant={deleting} onClose={() => setDeleting(null)} onDone={done} /> : null}
    </div>
  );
}

interface DialogProps<What> {
  tenant: What;
  onClose: () => void;
  onDone: (text: string) => Promise<void>;
}

function NameDialog({ tenant: present, onClose, onDone }: DialogProps<Tenant | null>) {
  // As it was when the window was opened: a change by somebody else is told, not undone.
  const [tenant] = useState(present);
  const { form, change, forget } = useTyped(`tenant ${tenant?.id ?? ""}`, { name: tenant?.name ?? "" });
  const { name } = form;
  async function run() {
    if (tenant) {
      await renameTenant(tenant, name);
      await onDone(`${tenant.name} is now ${name}.`);
    } else {
      await createTenant(name);
      await onDone(`${name} is there. Add people to it on the page People.`);
    }
  }
  return (
    <FormDialog
      title={tenant ? `Rename ${tenant.name}` : "Create a tenant"}
      submit={tenant ? "Rename" : "Create the tenant"}
      onClose={closing(forget, onClose)}
      run={run}
    >
      {(faultAt) => (
        <TextInput
          label="Name"
          required
          withAsterisk={false}
          data-autofocus
          autoComplete="off"
          value={name}
          onChange={(event) => change({ name: event.currentTarget.value })}
          error={faultAt("/name")}
        />
      )}
    </FormDialog>
  );
}

function DeleteDialog({ tenant, onClose, onDone }: DialogProps<Tenant>) {
  async function run() {
    await deleteTenant(tenant);
    await onDone(`${tenant.name} is deleted.`);
  }
  return (
    <ConfirmModal
      opened
      onClose={onClose}
      title={`Delete ${tenant.name}`}
      confirm="Delete the tenant"
      typed={tenant.name}
      run={run}
    >
      <p>Its memberships and API keys go. Its lines of the audit log stay. Users and other tenants are not touched.</p>
      {tenant.pipelines > 0 ? (
        <p>
          It still has {counted(tenant.pipelines, "pipeline")}, and is deleted only without any: delete them first,
          working in that tenant.
        </p>
      ) : null}
    </ConfirmModal>
  );
}
