import type { ReactNode } from "react";
import { Link } from "react-router";
import { EmptyState } from "@/components/EmptyState";
import { useTitle } from "@/components/useTitle";
import { useSession } from "./session";

interface Props {
  /** Any of these. */
  permissions: string[];
  children: ReactNode;
}

/** A page for those who may see it. The others meet it only by an address that somebody sent them. */
export function Allowed({ permissions, children }: Props) {
  const { may } = useSession();
  return permissions.some(may) ? children : <Forbidden />;
}

function Forbidden() {
  const { me } = useSession();
  useTitle("Not for your role");
  return (
    <EmptyState heading="Your role does not show this page" level={1}>
      <p>
        {me.role ? `You are ${me.role}` : "You have no role"}
        {me.tenant ? ` in ${me.tenant.name}.` : "."} An administrator can give you another role.
      </p>
      <Link to="/pipelines">To the pipelines</Link>
    </EmptyState>
  );
}
