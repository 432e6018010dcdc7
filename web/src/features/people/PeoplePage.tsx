import { useSession } from "@/app/session";
import { PageHeader } from "@/components/PageHeader";
import layout from "@/styles/layout.module.css";
import { Members } from "./Members";
import { Users } from "./Users";

export function PeoplePage() {
  const { me, may } = useSession();
  return (
    <div className={layout.page}>
      <PageHeader title="People">Who may sign in, and what they may do where.</PageHeader>
      {may("members.read") && me.tenant ? <Members tenant={me.tenant.name} /> : null}
      {may("users.read") ? <Users /> : null}
    </div>
  );
}
