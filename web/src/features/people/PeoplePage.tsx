import { useSession } from "@/app/session";
import { PageHeader } from "@/components/PageHeader";
import layout from "@/styles/layout.module.css";
import { Members } from "./Members";
import { useMembers, useUsers } from "./queries";
import { Users } from "./Users";

export function PeoplePage() {
  const { me, may } = useSession();
  const tenant = may("members.read") ? me.tenant : null;
  const members = useMembers(tenant !== null);
  // Asked for now, shown when what stands above is there: it would be pushed down.
  useUsers(may("users.read"));
  return (
    <div className={layout.page}>
      <PageHeader title="People">Who may sign in, and what they may do where.</PageHeader>
      {tenant ? <Members tenant={tenant.name} /> : null}
      {may("users.read") && !members.isLoading ? <Users /> : null}
    </div>
  );
}
